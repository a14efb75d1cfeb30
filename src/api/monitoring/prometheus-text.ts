// The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/), line by line.
import { QUERY_BUCKETS_SECONDS, type QueryHistogram } from '../readers/query-times.ts';

type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

export class MetricsText {
  readonly #lines: string[] = [];

  add(name: string, type: 'counter' | 'gauge' | 'histogram', help: string, samples: readonly Sample[]): void {
    this.#lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) this.#sample(name, labels, value);
  }

  one(name: string, help: string, value: number): void {
    this.add(name, 'gauge', help, [[{}, value]]);
  }

  counter(name: string, help: string, value: number): void {
    this.add(name, 'counter', help, [[{}, value]]);
  }

  histogram(name: string, help: string, histograms: readonly QueryHistogram[]): void {
    this.add(name, 'histogram', help, []);
    for (const { reader, buckets, count, sumSeconds } of histograms) {
      for (const [index, bound] of QUERY_BUCKETS_SECONDS.entries()) {
        this.#sample(`${name}_bucket`, { reader, le: String(bound) }, buckets[index] ?? 0);
      }
      this.#sample(`${name}_bucket`, { reader, le: '+Inf' }, count);
      this.#sample(`${name}_sum`, { reader }, sumSeconds);
      this.#sample(`${name}_count`, { reader }, count);
    }
  }

  end(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  #sample(name: string, labels: Labels, value: number): void {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    this.#lines.push(`${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`);
  }
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
