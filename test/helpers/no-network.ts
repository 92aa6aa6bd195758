/** Set up before every unit test: nothing may reach out, not even by accident. */
globalThis.fetch = () => {
  throw new Error('A unit test must not use the network: pass the outside world as an argument.');
};
