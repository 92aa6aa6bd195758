import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
} from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { keys } from '#adapters/dynamo-keys';
import { gathered } from '#adapters/gathered';
import type { Exchange, Exchanged, Gate, GateState, Leaving, SlotStore } from '#core/limits/slots';

/** A change of a gate's item. */
type GateUpdate = Pick<
  UpdateCommandInput,
  | 'UpdateExpression'
  | 'ConditionExpression'
  | 'ExpressionAttributeNames'
  | 'ExpressionAttributeValues'
>;

/** A run that comes to a gate, or leaves it while nobody is parked there. */
type Move = { readonly gate: Gate } & ({ readonly into: string } | { readonly out: Leaving });

type Answer = readonly [Move, Exchanged];

/** Most runs of one write: what it says of each must fit into an expression, which has an end at 4 KB. */
const MOST_TOGETHER = 25;

/** Who is behind a gate, in its item. Runs that come and leave at the same time share a write. */
export function dynamoGates(
  table: DynamoDBDocumentClient,
  TableName: string,
): Pick<SlotStore, 'take' | 'exchange'> & {
  /** Makes a change if its condition holds. */
  change(gate: Gate, update: GateUpdate): Promise<Exchanged>;
} {
  async function change(gate: Gate, update: GateUpdate): Promise<Exchanged> {
    try {
      const made = await table.send(
        new UpdateCommand({
          TableName,
          Key: keys.slots(gate),
          ...update,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return { isMade: true, state: stateOf(made.Attributes ?? {}) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { isMade: false, state: rawStateOf(error.Item ?? {}) };
    }
  }

  /** The first run ever that comes to a gate brings the map along. */
  async function changeOrBegin(gate: Gate, update: GateUpdate, runId: string): Promise<Exchanged> {
    try {
      return await change(gate, update);
    } catch (error) {
      if (!(error instanceof DynamoDBServiceException && error.name === 'ValidationException')) {
        throw error;
      }
      const begun = await change(gate, {
        UpdateExpression: 'SET behind = :first',
        ConditionExpression: 'attribute_not_exists(behind) AND attribute_not_exists(suspended)',
        ExpressionAttributeValues: { ':first': { [short(runId)]: true } },
      });
      return begun.isMade || begun.state.isSuspended ? begun : change(gate, update);
    }
  }

  async function moveOne(move: Move): Promise<Exchanged> {
    if ('out' in move) {
      return change(move.gate, updateFor({ out: move.out, line: 'unmarked' }, move.gate.limit));
    }
    return changeOrBegin(move.gate, updateToTake(move.into, move.gate.limit), move.into);
  }

  /** All in one write, else those that the gate as it is would let pass, else each by itself. */
  async function moveAll(moves: readonly Move[]): Promise<Exchanged[]> {
    const [{ gate }] = moves as [Move];
    const done = new Map<Move, Exchanged>();
    let open = moves.filter((move, place) => moves.findIndex(sameRun(move)) === place);
    while (open.length > 1) {
      const { isMade, state } = await change(gate, updateForAll(open, gate.limit));
      const answered = isMade
        ? open.map((move): Answer => [move, { isMade, state }])
        : refusals(open, state, gate.limit);
      if (answered.length === 0) break;
      for (const [move, answer] of answered) done.set(move, answer);
      open = open.filter((move) => !done.has(move));
    }
    for (const move of moves) if (!done.has(move)) done.set(move, await moveOne(move));
    return moves.map((move) => done.get(move) as Exchanged);
  }

  const pass = gathered<Move, Exchanged>({
    keyOf: ({ gate }) => `${keys.slots(gate).pk} ${gate.limit}`,
    most: MOST_TOGETHER,
    call: moveAll,
    alone: moveOne,
  });

  return {
    change,

    async take(gate, runId) {
      const { isMade, state } = await pass({ gate, into: runId });
      if (isMade) return 'taken';
      return state.isSuspended ? 'suspended' : 'full';
    },

    exchange(gate, exchange) {
      const { out, into, line } = exchange;
      if (out && into === undefined && line === 'unmarked') return pass({ gate, out });
      return change(gate, updateFor(exchange, gate.limit));
    },
  };
}

function runOf(move: Move): string {
  return 'out' in move ? move.out.runId : move.into;
}

function sameRun(move: Move): (other: Move) => boolean {
  return (other) => runOf(other) === runOf(move);
}

/**
 * What a gate says to those that it did not let pass together: who is behind it already, and whom it
 * would not let pass alone either. The others may try again.
 */
function refusals(moves: readonly Move[], state: GateState, limit: number): Answer[] {
  const isBehind = (move: Move) => state.holders.includes(runOf(move));
  const isMarked = state.parkings !== undefined;
  const leaving = moves.filter((move) => 'out' in move && isBehind(move) && !isMarked);
  let room = limit - state.holders.length + leaving.length;
  const refused = (move: Move): Answer[] => [[move, { isMade: false, state }]];
  return moves.flatMap((move): Answer[] => {
    if ('out' in move) return leaving.includes(move) ? [] : refused(move);
    if (state.isSuspended) return refused(move);
    if (isBehind(move)) return [[move, { isMade: true, state }]];
    if (isMarked || room <= 0) return refused(move);
    room -= 1;
    return [];
  });
}

/** One that is behind the gate already may take its place again. */
function updateToTake(runId: string, limit: number): GateUpdate {
  return {
    UpdateExpression: 'SET behind.#run = :yes',
    ConditionExpression:
      'attribute_not_exists(suspended) AND (attribute_exists(behind.#run) OR ' +
      '((attribute_not_exists(behind) OR size(behind) < :limit) AND attribute_not_exists(parkings)))',
    ExpressionAttributeNames: { '#run': short(runId) },
    ExpressionAttributeValues: { ':yes': true, ':limit': limit },
  };
}

function updateForAll(moves: readonly Move[], limit: number): GateUpdate {
  const names = Object.fromEntries(moves.map((move, place) => [`#r${place}`, short(runOf(move))]));
  const pathsOf = (kind: 'into' | 'out') =>
    moves.flatMap((move, place) => (kind in move ? [`behind.#r${place}`] : []));
  const into = pathsOf('into');
  const out = pathsOf('out');
  const settled = moves.reduce(
    (sum, move) => sum + ('out' in move ? move.out.settledCredits : 0),
    0,
  );
  return {
    UpdateExpression: [
      ...(out.length > 0 ? [`REMOVE ${out.join(', ')}`, 'ADD settled :credits'] : []),
      ...(into.length > 0 ? [`SET ${into.map((path) => `${path} = :yes`).join(', ')}`] : []),
    ].join(' '),
    ConditionExpression: [
      'attribute_not_exists(parkings)',
      ...out.map((path) => `attribute_exists(${path})`),
      ...(into.length > 0 ? ['attribute_not_exists(suspended)', 'size(behind) <= :room'] : []),
    ].join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: {
      ...(out.length > 0 && { ':credits': settled }),
      ...(into.length > 0 && { ':yes': true, ':room': limit - into.length + out.length }),
    },
  };
}

function updateFor({ out, into, line }: Exchange, limit: number): GateUpdate {
  const removed: string[] = [];
  const conditions: string[] = [];
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  if (out) {
    removed.push('behind.#out');
    conditions.push('attribute_exists(behind.#out)');
    names['#out'] = short(out.runId);
    values[':credits'] = out.settledCredits;
  }
  if (into !== undefined) {
    const isRoom = out ? 'size(behind) <= :limit' : 'size(behind) < :limit';
    conditions.push(
      'attribute_not_exists(suspended)',
      'attribute_not_exists(behind.#into)',
      isRoom,
    );
    names['#into'] = short(into);
    Object.assign(values, { ':yes': true, ':limit': limit });
  }
  if (line === 'unmarked') conditions.push('attribute_not_exists(parkings)');
  if (typeof line === 'number') {
    removed.push('parkings');
    conditions.push('parkings = :seen');
    values[':seen'] = line;
  }
  const clauses = [
    ...(removed.length > 0 ? [`REMOVE ${removed.join(', ')}`] : []),
    ...(into !== undefined ? ['SET behind.#into = :yes'] : []),
    ...(out ? ['ADD settled :credits'] : []),
  ];
  return {
    UpdateExpression: clauses.join(' '),
    ConditionExpression: conditions.join(' AND '),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

/** Ids without their prefix: 25 of them, and the item stays below a kilobyte. */
function short(runId: string): string {
  return runId.slice('run_'.length);
}

/** What a gate's item says. */
export function stateOf({
  behind,
  parkings,
  settled,
  suspended,
}: Record<string, unknown>): GateState {
  return {
    holders: Object.keys(behind ?? {}).map((id) => `run_${id}`),
    settled: Number(settled ?? 0),
    ...(parkings !== undefined && { parkings: Number(parkings) }),
    isSuspended: suspended === true,
  };
}

/** The same of an item as DynamoDB gives it with a refusal. */
function rawStateOf({ behind, parkings, settled, suspended }: Record<string, AttributeValue>) {
  return stateOf({
    behind: behind?.M,
    parkings: parkings?.N,
    settled: settled?.N,
    suspended: suspended?.BOOL,
  });
}
