/**
 * Where the receiver is reached. Steps take turns, because a plan sends only so many requests a minute to
 * one host, and what is measured is the speed, not the limit.
 */
export const RECEIVER_HOSTS = ['127.0.0.1', '127.0.0.2'] as const;
