import { type IncomingMessage, request } from 'node:http';

export interface SseEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: unknown;
}

/** A reader of a stream that can also refuse to read. */
export class SseClient {
  readonly events: SseEvent[] = [];
  readonly response: IncomingMessage;
  isEnded = false;

  private constructor(response: IncomingMessage, isPaused: boolean) {
    this.response = response;
    let buffer = '';
    response.setEncoding('utf8');
    response.on('error', () => {});
    response.on('close', () => {
      this.isEnded = true;
    });
    const onData = (chunk: string) => {
      buffer += chunk;
      const blocks = buffer.split('\n\n');
      buffer = blocks.pop() ?? '';
      this.events.push(...blocks.flatMap(parse));
    };
    if (!isPaused) {
      response.on('data', onData);
    }
    this.read = () => response.on('data', onData);
  }

  /** Begins to read, where it was opened paused. */
  readonly read: () => void;

  static async open(url: string, headers: Record<string, string> = {}, isPaused = false): Promise<SseClient> {
    return await new Promise((resolve, reject) => {
      const sent = request(url, { headers, agent: false }, (response) => resolve(new SseClient(response, isPaused)));
      sent.on('error', reject);
      sent.end();
    });
  }

  /** The events of that name. */
  named(event: string): SseEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  close(): void {
    this.response.destroy();
  }
}

function parse(block: string): SseEvent[] {
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const data = fields.get('data');
  const id = fields.get('id');
  return data === undefined
    ? []
    : [{ event: fields.get('event') ?? 'message', data: JSON.parse(data), ...(id !== undefined && { id }) }];
}
