// Texts of the server side by side: it writes them without a full stop.

/** Each ends like a sentence: `This needs the scope admin. Ask an administrator.` */
export function sentences(...texts: readonly (string | undefined)[]): string {
  return texts
    .flatMap((text) => (text === undefined || text === '' ? [] : [/[.!?…]$/.test(text) ? text : `${text}.`]))
    .join(' ');
}
