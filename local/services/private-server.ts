import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server for this machine's own processes, on a loopback port. */
export type PrivateServer = {
  /** Base URL. */
  readonly endpoint: string;
  close(): Promise<void>;
};

/**
 * Serves emulators, which ask nobody who they are. So pages in a browser, which can try every port,
 * are refused: they say whose they are, or come by a name that somebody points at this machine.
 */
export async function startPrivateServer(
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<PrivateServer> {
  let hosts: readonly (string | undefined)[] = [];
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    if (hosts.includes(request.headers.host) && !isFromPage(request)) serve(request, response);
    else response.writeHead(403).end();
  });
  server.on('connection', (socket) => socket.setNoDelay(true));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function isFromPage({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}
