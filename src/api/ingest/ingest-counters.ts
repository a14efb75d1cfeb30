// What came in by ingest since this server started, for /status and /metrics.

export class IngestCounters {
  batches = 0;
  documents = 0;
  duplicates = 0;
  rejected = 0;
  /** Batches that the store could not take. */
  failures = 0;
  lastCommitAtMs: number | undefined;
  lastCommitMs: number | undefined;

  /** A batch that was committed `atMs` and took `tookMs`. */
  add(
    result: { readonly stored: number; readonly duplicates: number; readonly rejected: number },
    atMs: number,
    tookMs: number,
  ): void {
    this.batches++;
    this.documents += result.stored;
    this.duplicates += result.duplicates;
    this.rejected += result.rejected;
    this.lastCommitAtMs = atMs;
    this.lastCommitMs = tookMs;
  }
}
