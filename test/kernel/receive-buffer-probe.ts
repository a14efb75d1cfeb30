// Opens the record socket and prints what became of its receive buffer:
// `receive-buffer-probe ASKED_BYTES NOTE_DIRECTORY [LIMIT_FILE]`.
// With a file it asks for another one, under that limit, as if /proc/sys were out of reach.
import { openMulticast } from '../../src/collector/netlink/audit-socket.ts';
import { growReceiveBuffer } from '../../src/collector/netlink/receive-buffer.ts';

const [, , asked = '0', noteDirectory, limitPath] = process.argv;
const socket = openMulticast(limitPath === undefined ? Number(asked) : 4096, noteDirectory);
const gotBytes =
  limitPath === undefined
    ? socket.receiveBuffer.gotBytes
    : growReceiveBuffer(socket.fd, Number(asked), { noteDirectory, path: limitPath });
process.stdout.write(`${gotBytes}\n`);
