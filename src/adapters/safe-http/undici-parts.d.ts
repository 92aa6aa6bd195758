// undici publishes its parts as files, but types only for the whole. Loading the two parts that we
// use keeps a quarter of a megabyte out of each Lambda bundle.

declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';

  export = Agent;
}

declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici';

  export = buildConnector;
}
