// Rows of tables that open as a whole.

/** A click anywhere in a row follows its `.row-link`, unless someone selects text or clicks a link itself. */
export function openOnClick(body: HTMLElement): void {
  body.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : undefined;
    if (target === undefined || target.closest('a') !== null || getSelection()?.isCollapsed === false) {
      return;
    }
    target.closest('tr')?.querySelector<HTMLAnchorElement>('.row-link')?.click();
  });
}
