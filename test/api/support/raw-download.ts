// A download whose reader decides when to read, and that ends as HTTP says or does not.
import { type IncomingMessage, request } from 'node:http';

export class Download {
  readonly response: IncomingMessage;
  bytes = 0;
  text = '';
  /** `broken`: the connection ended before the answer did. */
  state: 'open' | 'whole' | 'broken' = 'open';
  readonly #keepsText: boolean;

  private constructor(response: IncomingMessage, keepsText: boolean) {
    this.response = response;
    this.#keepsText = keepsText;
    response.on('error', () => {});
    response.on('close', () => {
      this.state = response.complete ? 'whole' : 'broken';
    });
  }

  static async open(
    url: string,
    headers: Record<string, string>,
    { isPaused = false, keepsText = true } = {},
  ): Promise<Download> {
    return await new Promise((resolve, reject) => {
      const sent = request(url, { headers, agent: false }, (response) => {
        const download = new Download(response, keepsText);
        if (!isPaused) download.read();
        resolve(download);
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  /** Begins to read, where it was opened paused. */
  read(): void {
    this.response.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.#keepsText) this.text += chunk.toString('latin1');
    });
  }

  abort(): void {
    this.response.destroy();
  }
}
