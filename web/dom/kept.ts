// Choices that are kept on this device. Storage may be forbidden: a choice then lasts as long as the page does.
const memory = new Map<string, string>();

export function readKept(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? memory.get(key);
  } catch {
    return memory.get(key);
  }
}

export function keep(key: string, value: string): void {
  memory.set(key, value);
  try {
    localStorage.setItem(key, value);
  } catch {
    // Kept in memory only.
  }
}
