/** What Slack's error words mean, and what to change. */
const words: Readonly<Record<string, string>> = {
  access_denied: 'The app may not post there. Invite it to the channel, or ask an administrator.',
  account_inactive: 'The app or its user was removed from the workspace. Install it again.',
  action_prohibited: 'An administrator of the workspace does not let webhooks post there.',
  cannot_dm_bot: 'A bot cannot get direct messages. Name a person or a channel.',
  channel_is_archived: 'The channel is archived. Restore it, or choose another one.',
  channel_not_found: 'There is no such channel, or the app cannot see it. Invite the app to it.',
  ekm_access_denied: 'An administrator of the workspace has suspended posting.',
  enterprise_is_restricted: 'The organisation does not let apps post. Ask an administrator.',
  invalid_arguments: 'Slack does not take channel, text or blocks as they are. Check them.',
  invalid_auth: 'The token is not valid. Make a new connection with a current one.',
  invalid_blocks: 'The blocks are not valid. Try them in the Block Kit Builder of Slack.',
  invalid_blocks_format: 'The blocks are not valid. Try them in the Block Kit Builder of Slack.',
  invalid_payload: 'Slack cannot read the message. Check text and blocks.',
  invalid_token: 'The webhook is not valid any more. Make a new one in Slack.',
  is_archived: 'The channel is archived. Restore it, or choose another one.',
  messages_tab_disabled: 'The app takes no direct messages. Switch its Messages tab on in Slack.',
  missing_scope: 'The token may not do this. Give the app the scope chat:write and reinstall it.',
  missing_text_or_fallback_or_attachments: 'The message is empty. Give text or blocks.',
  msg_blocks_too_long: 'The blocks are too long. Make them shorter.',
  msg_too_long: 'The text is too long. Make it shorter, for example with the truncate filter.',
  no_active_hooks: 'The webhook was switched off. Make a new one in Slack.',
  no_permission: 'The app may not post there. Invite it to the channel.',
  no_service: 'The webhook was removed or switched off. Make a new one in Slack.',
  no_service_id: 'The address of the webhook is not whole. Copy it again from Slack.',
  no_team: 'The workspace of the webhook does not exist. Copy its address again from Slack.',
  no_text: 'The message is empty. Give text or blocks.',
  not_allowed_token_type: 'This kind of token cannot post. Use a bot token (xoxb-…).',
  not_authed: 'The connection has no token. Make a new one.',
  not_in_channel: 'The app is not in the channel. Invite it there.',
  org_login_required: 'The workspace moves into an organisation. Install the app there again.',
  posting_to_general_channel_denied: 'Webhooks may not post to the general channel here.',
  restricted_action: 'An administrator of the workspace does not let apps post there.',
  restricted_action_read_only_channel: 'The channel is read-only. Choose another one.',
  restricted_action_thread_only_channel:
    'The channel takes answers in threads only. Choose another.',
  team_access_not_granted: 'The app was not let into this workspace. Have an administrator add it.',
  team_disabled: 'The workspace is switched off.',
  token_expired: 'The token has expired. Make a new connection with a current one.',
  token_revoked: 'The token was revoked. Make a new connection with a current one.',
  too_many_attachments: 'There are too many attachments. Send at most 100.',
  user_not_found: 'There is no such person in the workspace.',
};

/** Words with which Slack says that the same message may go through later. */
const PASSING: ReadonlySet<string> = new Set([
  'fatal_error',
  'internal_error',
  'message_limit_exceeded',
  'rate_limited',
  'ratelimited',
  'request_timeout',
  'rollup_error',
  'service_unavailable',
  'team_added_to_org',
]);

/** Whether trying again may help. */
export function mayPass(word: string): boolean {
  return PASSING.has(word);
}

/** Slack's word, with its meaning where we know it. Only words are shown, never other text. */
export function inPeoplesWords(text: string): string {
  const word = /^[a-z][a-z_]{1,60}$/.test(text.trim()) ? text.trim() : '';
  const meaning = Object.hasOwn(words, word) ? words[word] : undefined;
  if (word === '') return 'Slack did not take the message.';
  return `Slack answered "${word}".${meaning === undefined ? '' : ` ${meaning}`}`;
}
