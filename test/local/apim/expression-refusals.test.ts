import { beforeAll, expect, test } from 'vitest';
import { type ApimCloud, apimCloud, policies } from './apim-cloud.ts';

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
});

/** What is told when a policy with this expression, alone on line 3, is saved. */
async function refusal(expression: string): Promise<string | undefined> {
  const { status, body } = await cloud.policy(
    '/apis/a',
    policies({ inbound: `<set-body>\n${expression}</set-body>` }),
  );
  return status < 300 ? undefined : body.error.details[0].message;
}

test.each([
  ['@{ x = 1; return 1; }', 4, "the name 'x' does not exist in the current context"],
  [
    '@{ if (true) { var a = 1; } return a; }',
    36,
    "the name 'a' does not exist or is not allowed in expressions",
  ],
  ['@(new Guid("x"))', 3, "'new Guid' is not supported"],
  ['@("a"("b"))', 3, 'only methods can be called'],
  ['@(context.Request.Headers["a", "b"])', 26, 'exactly one index is supported'],
  ['@(context.Request.Headers[])', 26, 'exactly one index is supported'],
  ['@(1["a"])', 4, "cannot apply indexing with [] to an expression of type 'int'"],
  ['@(1 + *)', 7, "invalid expression term '*'"],
  ['@(default)', 3, "'default' is not supported here"],
  ['@(await context)', 3, "'await' is not supported here"],
  ['@{ for (;;) { } return 1; }', 4, 'this statement is not supported'],
  ['@{ throw null; return 1; }', 4, 'this statement is not supported'],
  ['@{ HttpClient c = null; return 1; }', 4, "type 'HttpClient' is not allowed in expressions"],
  ['@{ foreach (1 in x) { } return 1; }', 13, 'type expected'],
  ['@{ foreach (var x of y) { } return 1; }', 19, 'in expected'],
  ['@{ foreach (var x in "a") { return x; } }', 4, 'not all code paths return a value'],
  ['@{ if true { return 1; } return 2; }', 7, '( expected'],
  ['@{ var a; return a; }', 4, 'this statement is not supported'],
  ['@{ }', 4, 'not all code paths return a value'],
  ['@()', 3, 'expression expected'],
  ['@("a".1)', 7, 'identifier expected'],
  ['@("a".Trim<string>())', 7, "the method 'Trim' cannot be used with type arguments"],
  ['@("a".Substring(1, 2, 3))', 7, "no overload for method 'Substring' takes 3 arguments"],
  ['@(context.Request.Body.As<HttpClient>())', 38, "type 'HttpClient' is not allowed in expressions"],
  ['@(new string { "a" })', 3, 'only arrays may have an initializer'],
  ['@(new 5())', 7, 'type expected'],
  ['@(1 is 5)', 8, 'type expected'],
  ['@(!1)', 4, "cannot implicitly convert type 'int' to 'bool'"],
  ['@("a" && true)', 3, "cannot implicitly convert type 'string' to 'bool'"],
  ['@(true || 1)', 11, "cannot implicitly convert type 'int' to 'bool'"],
  ['@(1 ? 2 : 3)', 3, "cannot implicitly convert type 'int' to 'bool'"],
  ['@{ if ("a") { return 1; } return 2; }', 8, "cannot implicitly convert type 'string' to 'bool'"],
  ['@(true ? 1)', 11, ': expected'],
  ['@(-"a")', 3, "operator '-' cannot be applied to operand of type 'string'"],
  ['@(1 + true)', 5, "operator '+' cannot be applied to operands of type 'int' and 'bool'"],
  ['@(1 - "a")', 5, "operator '-' cannot be applied to operands of type 'int' and 'string'"],
  ['@("a" < "b")', 7, "operator '<' cannot be applied to operands of type 'string' and 'string'"],
  ['@("a" == 1)', 7, "operator '==' cannot be applied to operands of type 'string' and 'int'"],
  ['@(\'a\' != "a")', 7, "operator '!=' cannot be applied to operands of type 'char' and 'string'"],
  ['@(string)', 1, 'a type, namespace or lambda expression is not a value'],
  ['@(System.Text)', 1, 'a type, namespace or lambda expression is not a value'],
  ['@(x => x)', 1, 'a type, namespace or lambda expression is not a value'],
  ["@('')", 3, 'a character literal holds exactly one character'],
  ['@("a\\xg")', 5, "unrecognized escape sequence '\\x'"],
  ['@($"{}")', 6, 'expression expected'],
  ['@($"a } b")', 7, "unexpected '}'"],
  ['@(/* never closed)', 3, 'unterminated comment'],
  ["@('a)", 3, 'unterminated character literal'],
  ['@("a"])', 6, "unexpected ']'"],
  ['@(context.Request.Headers.GetValueOrDefault)', 27, "'GetValueOrDefault' is a method and must be called"],
  ['@(context?.Nope)', 12, "'Context' has no member 'Nope' that is allowed in expressions"],
  ['@(string.Intern("a"))', 10, "'string' has no member 'Intern' that is allowed in expressions"],
  [
    '@(System.Diagnostics.Process.Start("x"))',
    10,
    "'namespace System' has no member 'Diagnostics' that is allowed in expressions",
  ],
  ['@("a".GetType().Assembly)', 7, "'string' has no member 'GetType' that is allowed in expressions"],
])('%s', async (expression, column, reason) => {
  expect(await refusal(expression)).toBe(
    `Error in element 'set-body' on line 3, column ${column}: ${reason}`,
  );
});

test('a mistake on a later line of a statement block is told there', async () => {
  expect(await refusal('@{\n  var a = 1;\n\n  return a.Nope;\n}')).toBe(
    "Error in element 'set-body' on line 6, column 12: 'int' has no member 'Nope' that is allowed in expressions",
  );
});

test('two expressions are not one value', async () => {
  expect(await refusal('@(1)@(2)')).toBe(
    "Error in element 'set-body' on line 2, column 13: an expression must be the whole value",
  );
});

test('a condition has to be Boolean', async () => {
  const when = (condition: string): ReturnType<ApimCloud['policy']> =>
    cloud.policy(
      '/apis/a',
      policies({
        inbound: `<choose>\n<when condition="${condition}"><set-body>a</set-body></when></choose>`,
      }),
    );
  expect((await when('@(1)')).body.error.details[0].message).toBe(
    "Error in element 'when' on line 3, column 18: cannot implicitly convert type 'int' to 'bool'",
  );
  expect((await when('perhaps')).body.error.details[0].message).toContain('must be true or false');
  // What only running can tell is let through.
  expect((await when('@((bool)context.Variables["x"])')).status).toBeLessThan(300);
});
