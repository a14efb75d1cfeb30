// Brings the children of an element in line with a list: those that stay are not touched, so that focus, selection and
// animations survive.

/** `make` is called for keys that have no child yet; a child's key is its data-id. */
export function syncRows<T>(
  body: HTMLElement,
  items: readonly T[],
  keyOf: (item: T) => string,
  make: (item: T, index: number) => HTMLElement,
): void {
  const present = new Map<string, Element>();
  for (const child of body.children) {
    if (child instanceof HTMLElement) {
      present.set(child.dataset.id ?? '', child);
    }
  }
  const wanted = new Set(items.map(keyOf));
  for (const [key, child] of present) {
    if (!wanted.has(key)) {
      child.remove();
    }
  }
  let next: Element | null = body.firstElementChild;
  items.forEach((item, index) => {
    const old = present.get(keyOf(item));
    if (old !== undefined && old === next) {
      next = next.nextElementSibling;
    } else {
      body.insertBefore(old ?? make(item, index), next);
    }
  });
}
