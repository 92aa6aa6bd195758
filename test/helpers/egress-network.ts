import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { type AddressInfo, BlockList, connect, createServer as createTcpServer } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Dial, Resolve } from '#adapters/safe-http/connector';
import { PUBLIC_IP, stubAnswers } from './egress-corpus.ts';

/** A server on loopback that lives as long as the test; its port. */
export async function startServer(listener: RequestListener): Promise<number> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** As {@link startServer}, for servers that do not speak proper HTTP. */
export async function startTcpServer(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** All of a request's body as text. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/**
 * Notes what is dialled and never goes there: every connection ends at a loopback port of the
 * test, or is refused when there is none.
 */
export function recordingDial(loopbackPort?: number) {
  const dialled: string[] = [];
  const dial: Dial = (options, callback) => {
    const port = options.port || (options.protocol === 'https:' ? '443' : '80');
    dialled.push(`${options.hostname}:${port}`);
    if (loopbackPort === undefined) {
      callback(Object.assign(new Error('not in a test'), { code: 'ECONNREFUSED' }), null);
      return;
    }
    const socket = connect(loopbackPort, '127.0.0.1', () => callback(null, socket));
    socket.on('error', (error) => callback(error, null));
  };
  return { dial, dialled };
}

/** Answers from the corpus; notes what was asked. */
export function stubResolver(answers: Readonly<Record<string, readonly string[]>> = stubAnswers) {
  const asked: string[] = [];
  const resolve: Resolve = async (host) => {
    asked.push(host);
    return Object.hasOwn(answers, host) ? (answers[host] ?? []) : [PUBLIC_IP];
  };
  return { resolve, asked };
}

// Written apart from the product's own list, with Node's own arithmetic. One list a family: an IPv4
// address would also be looked for among the IPv6 ranges, in its mapped form.
const inside = {
  ipv4: blockList('ipv4', [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
    ...['168.63.129.16/32', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24'],
    ...['192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15'],
    ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
  ]),
  ipv6: blockList('ipv6', [
    ...['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
    '2620:4f:8000::/48',
  ]),
};

/** Whether `address:port`, as recorded, is not on the public internet. */
export function isInside(dialled: string): boolean {
  const address = dialled.slice(0, dialled.lastIndexOf(':'));
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return inside[family].check(address, family);
}

function blockList(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/');
    list.addSubnet(network, Number(bits), family);
  }
  return list;
}

/** Runs the work and returns by how many MiB the process's memory rose at most meanwhile. */
export async function memoryGrowth(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss();
  let highest = before;
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, 2);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return (Math.max(highest, process.memoryUsage.rss()) - before) / 1024 ** 2;
}
