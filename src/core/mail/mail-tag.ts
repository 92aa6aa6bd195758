import { isUserId } from '#core/user-id';

/** Name of the tag by which a bounce is known as somebody's. */
export const ACCOUNT_TAG = 'account';

/** The tag's value. Tags of Amazon SES take fewer characters than the id of a user may have. */
export function accountTag(userId: string): string {
  return Buffer.from(userId).toString('base64url');
}

/** Whose tag it is; undefined when it is none of ours. */
export function taggedAccount(value: string): string | undefined {
  const userId = Buffer.from(value, 'base64url').toString();
  return isUserId(userId) ? userId : undefined;
}
