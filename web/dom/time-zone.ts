// Whether times are shown in UTC. The choice is kept on this device, and read when the page starts.
import { keep, readKept } from './kept.ts';

const KEY = 'trespass-utc';

export function choosesUtc(): boolean {
  return readKept(KEY) === 'yes';
}

export function chooseUtc(isUtc: boolean): void {
  keep(KEY, isUtc ? 'yes' : 'no');
}
