// The formats by the names that people ask for them.
import { auparseCsv } from './auparse-csv.ts';
import { cef } from './cef.ts';
import { csv } from './csv.ts';
import { ecs } from './ecs.ts';
import type { ExportFormat } from './format.ts';
import { ndjson } from './ndjson.ts';
import { ocsf } from './ocsf.ts';

export const EXPORT_FORMATS = { ndjson, csv, ecs, ocsf, cef, 'auparse-csv': auparseCsv } as const satisfies Record<
  string,
  ExportFormat
>;
export type ExportFormatName = keyof typeof EXPORT_FORMATS;

export const EXPORT_FORMAT_NAMES: readonly ExportFormatName[] = ['ndjson', 'csv', 'ecs', 'ocsf', 'cef', 'auparse-csv'];
