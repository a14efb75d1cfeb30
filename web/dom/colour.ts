// Colours for the canvas, which cannot read CSS variables: each is asked of the browser as it is in force now.

/** The colour behind `--name` within `element`, as the canvas understands it. */
export function resolveColour(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
