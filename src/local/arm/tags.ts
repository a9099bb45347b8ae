import { ArmError } from './resource-type.ts';

const MOST = 50;
const LONGEST_NAME = 512;
const LONGEST_VALUE = 256;

/**
 * Tags of a resource: at most 50 strings, names without `<>%&\?/`.
 *
 * @throws ArmError 400
 */
export function checkTags(tags: unknown): Record<string, string> {
  if (tags === undefined || tags === null) return {};
  if (typeof tags !== 'object' || Array.isArray(tags)) throw invalid('Tags must be an object of strings.');
  const entries = Object.entries(tags);
  if (entries.length > MOST) throw invalid(`The maximum number of tags is ${MOST}.`);
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw invalid(`The value of tag '${name}' must be a string.`);
    if (name.length > LONGEST_NAME || value.length > LONGEST_VALUE)
      throw invalid(`Tag '${name}' is too long.`);
    if (/[<>%&\\?/]/.test(name)) {
      throw new ArmError(400, 'InvalidTagNameCharacters', `The tag name '${name}' has reserved characters.`);
    }
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function invalid(message: string): ArmError {
  return new ArmError(400, 'InvalidTag', message);
}
