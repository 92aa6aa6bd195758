import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '#core/ports';

/** The one logger: JSON lines with the function's name and the request's id. */
export const logger = new Logger();

/** The logger as the core knows it. */
export const log: Log = {
  info: (message, fields = {}) => logger.info(message, fields),
  warn: (message, fields = {}) => logger.warn(message, fields),
  error: (message, fields = {}) => logger.error(message, fields),
};
