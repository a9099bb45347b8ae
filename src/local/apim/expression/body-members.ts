import type { MessageBody } from '../message-body.ts';
import { cast } from './cast.ts';
import { generic, type TypeMembers } from './members.ts';
import { EvaluationError, type Host, type Json, JsonToken } from './value.ts';

/** `context.Request.Body`, `context.Response.Body`. */
export const BODY: TypeMembers = {
  members: {
    As: generic<Host>([0, 1], (host, [preserve], { typeArguments: [type = 'object'] }) => {
      const bytes = (host.data as MessageBody).read(preserve === true);
      if (bytes === undefined)
        throw new EvaluationError('the message has no body, or it was consumed before');
      return type === 'byte[]' ? bytes : bodyAs(new TextDecoder().decode(bytes), type);
    }),
  },
};

function bodyAs(text: string, type: string): unknown {
  if (type === 'string') return text;
  if (type !== 'JObject' && type !== 'JArray' && type !== 'JToken')
    throw new EvaluationError(`As<${type}> is not supported`);
  try {
    return cast(new JsonToken(JSON.parse(text) as Json), type);
  } catch (error) {
    throw error instanceof EvaluationError ? error : new EvaluationError('the body is not JSON');
  }
}
