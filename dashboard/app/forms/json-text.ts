/**
 * The value of a JSON text.
 *
 * @throws Error with a message for people
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON yet: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
}

/** Whether a value is an object as JSON has it. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
