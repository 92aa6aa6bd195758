import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { googleRefusal } from '#actions/google/refusal';
import type { Piece, Source } from '#actions/youtube/source';
import { ActionRejectedError, ActionUnavailableError } from '#core/errors';
import type { Http, IncomingResponse } from '#core/http';
import { isPassing, jsonBody } from '#core/provider-answer';

/** A piece that was not taken is continued this often before the step gives up. */
const RESUMES = 4;
const FIRST_PAUSE_MS = 500;

/** What to change, by Google's reason or by status. */
const advice: Readonly<Record<string, string>> = {
  400: 'Check title, description, privacy and publish_at.',
  401: 'Google does not accept the connection any more. Make a new one.',
  403: 'The account of the connection may not upload. Check its permissions, and that the YouTube Data API is on.',
  404: 'The upload was forgotten there. Run the step again.',
  forbidden: 'The account of the connection may not upload to this channel.',
  invalidDescription: 'YouTube does not take the description.',
  invalidTitle: 'YouTube does not take the title.',
  quotaExceeded: "The project's quota of the day is used up. Ask Google for more, or wait.",
  uploadLimitExceeded: 'The channel has uploaded as many videos as it may for now.',
  youtubeSignupRequired:
    'The account has no channel; a service account never has one. Use a google_oauth connection of the channel.',
};

const Video = z.object({ id: z.string().min(1) });

/** An upload that has begun. */
type Session = { readonly url: string; readonly http: Http; readonly signal: AbortSignal };

/**
 * Uploads a video by the resumable protocol: a session, then piece by piece, each from where the
 * other side says that it is. Only one piece is in memory.
 *
 * @param base address of Google's APIs
 * @param resource the video's resource, snippet and status
 * @returns the video's id
 * @see https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol
 */
export async function uploadVideo(
  base: string,
  resource: unknown,
  source: Source,
  http: Http,
  signal: AbortSignal,
): Promise<string> {
  let piece = await source.read(0);
  const session = await begin(base, resource, piece, http, signal);
  let offset = 0;
  for (let stalls = 0; stalls <= RESUMES; ) {
    const answer = await sendPiece(session, piece, offset);
    if (answer.status !== 308) return idOf(answer);
    const next = receivedBytes(answer);
    if (next >= piece.totalBytes) throw confused();
    if (next <= offset) stalls += 1;
    offset = next;
    piece = await source.read(offset);
  }
  throw notTaken();
}

async function begin(
  base: string,
  resource: unknown,
  { totalBytes, contentType }: Piece,
  http: Http,
  signal: AbortSignal,
): Promise<Session> {
  if (totalBytes === 0) throw new ActionRejectedError('There is nothing at source_url.');
  const response = await http.send(
    {
      method: 'POST',
      url: `${base}/upload/youtube/v3/videos?uploadType=resumable&part=snippet,status`,
      headers: {
        'content-type': 'application/json; charset=UTF-8',
        'x-upload-content-length': String(totalBytes),
        'x-upload-content-type': contentType,
      },
      body: JSON.stringify(resource),
    },
    { signal },
  );
  if (response.status >= 300) throw googleRefusal(response, 'YouTube', advice);
  const url = URL.parse(response.headers['location'] ?? '', response.url)?.href;
  if (url === undefined) throw confused();
  return { url, http, signal };
}

/** Sends one piece; when that fails half-way, the other side is asked how much it has. */
async function sendPiece(
  session: Session,
  { bytes, totalBytes }: Piece,
  offset: number,
): Promise<IncomingResponse> {
  const range = `bytes ${offset}-${offset + bytes.length - 1}/${totalBytes}`;
  let answer = await tryPut(session, range, bytes);
  for (let attempt = 0; isLost(answer); attempt += 1) {
    if (attempt === RESUMES) throw notTaken();
    await wait(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal: session.signal });
    answer = await tryPut(session, `bytes */${totalBytes}`, undefined);
  }
  if (answer.status === 308 || answer.status < 300) return answer;
  throw googleRefusal(answer, 'YouTube', advice);
}

type Outcome = IncomingResponse | ActionUnavailableError;

function isLost(outcome: Outcome): outcome is ActionUnavailableError {
  return outcome instanceof ActionUnavailableError;
}

async function tryPut(
  { url, http, signal }: Session,
  range: string,
  body: Uint8Array | undefined,
): Promise<Outcome> {
  try {
    const request = { method: 'PUT', url, headers: { 'content-range': range } };
    const answer = await http.send({ ...request, ...(body && { body }) }, { signal });
    return isPassing(answer.status)
      ? new ActionUnavailableError(`YouTube answered ${answer.status}.`)
      : answer;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ActionUnavailableError) return error;
    throw error;
  }
}

/** `Range: bytes=0-<last>`; without it nothing has arrived. */
function receivedBytes({ headers }: IncomingResponse): number {
  const last = /^bytes=0-(\d{1,15})$/.exec(headers['range'] ?? '')?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

function idOf(answer: IncomingResponse): string {
  const video = Video.safeParse(jsonBody(answer));
  if (!video.success) throw confused();
  return video.data.id;
}

function notTaken(): ActionUnavailableError {
  return new ActionUnavailableError('YouTube did not take the whole video.');
}

function confused(): ActionRejectedError {
  return new ActionRejectedError('YouTube answered something that is not its upload protocol.');
}
