// What scrolls sideways must be reachable by keyboard; what does not is no stop on the way.
const observer = new ResizeObserver((entries) => {
  const boxes = new Set(
    entries.map(({ target }) => (target instanceof HTMLTableElement ? target.parentElement : target)),
  );
  for (const box of boxes) {
    if (box === null) continue;
    const isScrolled = box.scrollWidth > box.clientWidth;
    for (const [name, value] of [
      ['tabindex', '0'],
      ['role', 'group'],
      ['aria-label', box.querySelector('caption')?.textContent ?? ''],
    ] as const) {
      if (isScrolled) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
  }
});

/** `box` holds one table, which may be wider. Answers it. */
export function reachScrolled(box: HTMLElement): HTMLElement {
  observer.observe(box);
  const table = box.querySelector('table');
  if (table !== null) {
    observer.observe(table);
  }
  return box;
}
