// One line of the kernel's tracing buffer as text (kernel/trace/trace_output.c), before it means anything.

/** One event. Text is latin1: a character is a byte. */
export interface TraceEvent {
  readonly kind: 'trace-event';
  /** With its prefix: `landlock_create_domain`. */
  readonly name: string;
  /** On the clock of the trace, since its beginning. */
  readonly seconds: number;
  readonly micros: number;
  readonly cpu: number;
  readonly task: {
    /** Of the thread. Absent where the kernel had forgotten it (`<...>`). */
    readonly name?: string;
    readonly threadId: number;
    /** The process, where the option `record-tgid` is on and the kernel knew it. */
    readonly pid?: number;
  };
  /** `key=value` in the kernel's order, values as they were printed. */
  readonly fields: readonly TraceField[];
}

export interface TraceField {
  readonly name: string;
  readonly value: string;
}

/** Events that were overwritten before they were read. */
export interface TraceLoss {
  readonly kind: 'trace-lost';
  readonly cpu: number;
  /** 1 where the kernel does not say how many. */
  readonly count: number;
}

/** A line that is none of those. */
export interface TraceMalformed {
  readonly kind: 'malformed';
  readonly reason: string;
  readonly text: string;
}

export type ParsedTrace = TraceEvent | TraceLoss | TraceMalformed;
