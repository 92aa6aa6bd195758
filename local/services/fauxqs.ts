import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';

/** A running SQS and S3 emulator. */
export type Fauxqs = {
  /** Base URL for SQS, and for S3 in path style. */
  readonly endpoint: string;
  close(): Promise<void>;
};

/** The parts of fauxqs 2.4.1 that are used; its package exports only a server that listens on all addresses. */
type App = {
  readonly server: { address(): AddressInfo };
  listen(options: { host: string; port: number }): Promise<string>;
  addHook(name: 'onClose', hook: (app: unknown, done: () => void) => void): void;
  close(): Promise<void>;
};
type Persistent = { persistence?: Persistence };
type QueueStore = Persistent & { allQueues(): Iterable<Persistent> };
type Persistence = {
  load(queues: QueueStore, topics: Persistent, objects: Persistent): void;
  close(): void;
};
type Modules = {
  buildApp(options: {
    logger: false;
    host: string;
    stores: { sqsStore: QueueStore; snsStore: Persistent; s3Store: Persistent };
  }): App;
  SqsStore: new () => QueueStore;
  SnsStore: new () => Persistent;
  S3Store: new () => Persistent;
  PersistenceManager: new (directory: string) => Persistence;
};

/**
 * Start fauxqs in this thread, on a loopback port, with its state in one SQLite file.
 *
 * Its file storage for objects is not used: there a key with `..` leaves the directory, and an object is written in
 * two steps that a kill can separate.
 *
 * @param options.dataDir directory of its state; made when missing.
 */
export async function startFauxqs(options: { readonly dataDir: string }): Promise<Fauxqs> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const modules = await loadModules();
  const stores = {
    sqsStore: new modules.SqsStore(),
    snsStore: new modules.SnsStore(),
    s3Store: new modules.S3Store(),
  };
  const persistence = new modules.PersistenceManager(options.dataDir);
  // Attached only after loading: what is loaded must not be written again.
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  for (const part of [...Object.values(stores), ...stores.sqsStore.allQueues()]) {
    part.persistence = persistence;
  }
  // With 127.0.0.1 its queue URLs would have an impossible host.
  const app = modules.buildApp({ logger: false, host: 'localhost', stores });
  app.addHook('onClose', (_, done) => {
    persistence.close();
    done();
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    endpoint: `http://127.0.0.1:${app.server.address().port}`,
    close: () => app.close(),
  };
}

async function loadModules(): Promise<Modules> {
  const main = import.meta.resolve('fauxqs');
  const parts = ['app', 'sqs/sqsStore', 'sns/snsStore', 's3/s3Store', 'persistence'];
  const modules = await Promise.all(parts.map((part) => import(new URL(`${part}.js`, main).href)));
  return Object.assign({}, ...modules);
}
