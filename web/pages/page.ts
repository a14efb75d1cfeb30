// What every page is to the application: something that is shown, follows the address and hears what arrives.
import type { Denial, DomainEvent } from '../../src/api/schemas/document.ts';
import type { View } from '../state/page-address.ts';
import type { TimeFormats } from '../text/format-time.ts';

export interface PageOptions {
  readonly formats: TimeFormats;
  navigate(view: View): void;
  onSignedOut(): void;
}

export interface Page {
  readonly element: HTMLElement;
  start(): void;
  /** Lets go of timers and requests; the page is not used again. */
  stop(): void;
  /** The address has changed, the page in it has not. */
  setView(view: View): void;
  /** The stream was interrupted or the page was hidden: whatever was missed is asked for. */
  refresh(): void;
  /** A denial from the stream. */
  addDenial(denial: Denial): void;
  /** A domain was made or has ended. */
  addDomain(event: DomainEvent): void;
}
