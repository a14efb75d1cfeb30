// What is told of a key of the configuration, whichever file tells it.

export type ConfigValue = string | number | boolean;

/** What a default may depend on. */
export interface Surroundings {
  /** Root, or a service that systemd gave a state directory. */
  readonly hasSystemPaths: boolean;
  readonly cwd: string;
  /** Whether the account `trespass` exists. */
  readonly hasOwnAccount: boolean;
}

export interface ConfigKey {
  readonly table: 'server' | 'store' | 'collector' | 'runtime' | 'log';
  /** snake_case, as in the file. */
  readonly key: string;
  readonly type: 'string' | 'path' | 'integer' | 'boolean';
  readonly choices?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** undefined: unset. */
  readonly default: (surroundings: Surroundings) => ConfigValue | undefined;
  /** The default for people, where it depends on something. */
  readonly defaultText?: string;
  readonly description: string;
}
