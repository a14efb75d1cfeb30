// Whether somebody has reached something in a part of the page by keyboard, which new numbers should not take away.

/** Nothing to lose has who is in the part itself, or pressed its button to try again and waits for what comes of it. */
export function holdsFocus(part: HTMLElement): boolean {
  const { activeElement } = document;
  if (activeElement === null || activeElement === part || !part.contains(activeElement)) {
    return false;
  }
  return activeElement.closest('[data-empty="failed"]') === null;
}
