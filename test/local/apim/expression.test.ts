import { describe, expect, test } from 'vitest';
import { checkProgram } from '../../../src/local/apim/expression/check.ts';
import { evaluateProgram } from '../../../src/local/apim/expression/evaluate.ts';
import type { EvaluationContext } from '../../../src/local/apim/expression/evaluation-context.ts';
import { parseExpression } from '../../../src/local/apim/expression/parser.ts';
import { ExpressionError } from '../../../src/local/apim/expression/scan.ts';
import { EvaluationError, toText } from '../../../src/local/apim/expression/value.ts';
import { HeaderList } from '../../../src/local/apim/header-list.ts';
import { MessageBody } from '../../../src/local/apim/message-body.ts';

const JWT = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: 'https://i', sub: 'me', aud: ['a', 'b'], exp: 2_000_000_000, scp: 'x y' })}.sig`;
const ORDER = {
  name: 'N',
  open: true,
  count: 3,
  ratio: 1.5,
  none: null,
  items: [{ id: 'i1' }, { id: 'i2' }],
  'odd-name': 'o',
};

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function context(body: string | null = JSON.stringify(ORDER)): EvaluationContext {
  const headers = HeaderList.from(
    new Headers({ 'X-One': '1', Authorization: `Bearer ${JWT}`, 'X-Basic': `Basic ${btoa('u:p:w')}` }),
  );
  headers.set('X-Many', ['a', 'b']);
  const url = new URL('https://back.example/api/Patient/1?x=1&x=2&y=z');
  return {
    request: {
      method: 'POST',
      url,
      originalUrl: new URL('http://front.example:8080/fhir/Patient/1'),
      headers,
      body: new MessageBody(body),
      ipAddress: '10.0.0.1',
      matchedParameters: new Map([['id', '1']]),
    },
    response: undefined,
    variables: new Map<string, unknown>([
      ['text', 'hello'],
      ['flag', true],
      ['number', 7],
    ]),
    api: { id: 'api-1', name: 'Api', path: 'fhir', revision: '1', serviceUrl: 'https://s.example' },
    operation: { id: 'op', name: 'Op', method: 'GET', urlTemplate: '/*' },
    lastError: undefined,
    deployment: { serviceName: 'apim-1', serviceId: 'apim-1', region: 'eastus' },
    subscription: undefined,
    requestId: '00000000-0000-4000-8000-000000000001',
    timestamp: Date.UTC(2026, 10, 24, 12, 0, 0),
    now: () => Date.UTC(2026, 10, 24, 12, 0, 1),
  };
}

function run(text: string, body?: string | null): unknown {
  const program = parseExpression(text);
  checkProgram(program);
  return evaluateProgram(program, context(body));
}

describe('expressions give what C# gives', () => {
  test.each([
    ['@("a" + 1 + true)', 'a1True'],
    ['@(1 + 2 * 3 - 4)', '3'],
    ['@(7 / 2)', '3'],
    ['@(7 / 2.0)', '3.5'],
    ['@(7 % 4)', '3'],
    ['@(-7 / 2)', '-3'],
    ['@(1 < 2 && !(2 >= 3) || false)', 'True'],
    ['@(1 == 1.0)', 'True'],
    ['@(true ? "y" : false ? "n" : "m")', 'y'],
    ['@((string)null ?? "d")', 'd'],
    ['@(@"c:\\x ""q""")', 'c:\\x "q"'],
    ['@("tab\\t\\u0041\\x42")', 'tab\tAB'],
    ['@(\'c\' + "")', 'c'],
    ['@($"a {1 + 1} {{b}} {"q" + "}"}")', 'a 2 {b} q}'],
    ['@($@"v ""{1}""")', 'v "1"'],
    ['@(/* c ) */ "x" // y )\n)', 'x'],
    ['@(((string)context.Variables["text"]).Length)', '5'],
    ['@((bool)context.Variables["flag"] ? 1 : 2)', '1'],
    ['@((int)context.Variables["number"] + 1)', '8'],
    ['@(context.Variables.GetValueOrDefault<string>("none", "d"))', 'd'],
    ['@(context.Variables.GetValueOrDefault("number", 1) + 1)', '8'],
    ['@(context.Variables.ContainsKey("text"))', 'True'],
    ['@(context.Variables["text"] is string ? "s" : "o")', 's'],
    ['@((context.Variables["number"] as string) ?? "null")', 'null'],
    ['@{ string s = "a"; s = s + "b"; if (s == "ab") { return s; } else return "no"; }', 'ab'],
    ['@{ var sum = 0; foreach (var n in new int[] { 1, 2, 3 }) { sum = sum + n; } return sum; }', '6'],
    [
      '@{ foreach (var p in context.Request.Body.As<JObject>(true).Properties()) { if (p.Name == "name") { return p.Value; } } return ""; }',
      'N',
    ],
  ])('%s', (text, expected) => {
    expect(toText(run(text))).toBe(expected);
  });
});

describe('members', () => {
  test.each([
    ['@(context.Request.Method)', 'POST'],
    ['@(context.Request.Url.Path)', '/api/Patient/1'],
    ['@(context.Request.Url.QueryString)', '?x=1&x=2&y=z'],
    ['@(context.Request.Url.Query["x"][1])', '2'],
    ['@(context.Request.Url.Query.GetValueOrDefault("x", ""))', '1,2'],
    ['@(context.Request.Url.Query.GetValueOrDefault("q", "d"))', 'd'],
    ['@(context.Request.OriginalUrl.Host + ":" + context.Request.OriginalUrl.Port)', 'front.example:8080'],
    ['@(context.Request.Url.Port)', '443'],
    ['@(context.Request.MatchedParameters["id"])', '1'],
    ['@(context.Request.IpAddress)', '10.0.0.1'],
    ['@(context.Request.Headers["x-many"].Length)', '2'],
    ['@(context.Request.Headers.GetValueOrDefault("X-MANY", ""))', 'a,b'],
    ['@(context.Request.Headers.ContainsKey("X-Zero"))', 'False'],
    ['@(context.Api.Path + context.Operation.Id + context.Deployment.Region)', 'fhiropeastus'],
    ['@(context.RequestId.ToString())', '00000000-0000-4000-8000-000000000001'],
    ['@(context.Timestamp.ToString("s"))', '2026-11-24T12:00:00'],
    ['@(context.Timestamp.AddMinutes(5) > DateTime.UtcNow)', 'True'],
    ['@(context.Elapsed.TotalSeconds)', '1'],
    ['@(context.User?.Id ?? "nobody")', 'nobody'],
    ['@(context.LastError?.Reason.ToUpper() ?? "none")', 'none'],
    ['@(context.Response == null)', 'True'],
    ['@(context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt().Issuer)', 'https://i'],
    ['@(context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()?.Claims["scp"][0])', 'x y'],
    [
      '@(context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt().Claims.GetValueOrDefault("aud", ""))',
      'a,b',
    ],
    [
      '@(context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt().Audiences.Contains("b"))',
      'True',
    ],
    [
      '@(context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt().ExpirationTime > context.Timestamp)',
      'True',
    ],
    ['@("nonsense".AsJwt() == null)', 'True'],
    ['@(context.Request.Headers.GetValueOrDefault("X-Basic", "").AsBasic().Password)', 'p:w'],
    [
      '@("a,b,,c".Split(\',\').Where(s => s != "").Select(s => s.ToUpper()).FirstOrDefault(s => s != "A"))',
      'B',
    ],
    ['@(string.Join("-", "b a".Split(\' \').Concat(new[] { "c" })))', 'b-a-c'],
    ['@("a b".Split().All(s => s.Length == 1) && !"a".Split(\'b\').Any(s => s == ""))', 'True'],
    ['@("Hello".StartsWith("hE", StringComparison.OrdinalIgnoreCase))', 'True'],
    ['@("Hello".Substring(1, 3) + "Hello".IndexOf("l") + "x".PadLeft(3, \'0\'))', 'ell200x'],
    ['@("--a--".Trim(\'-\') + " b ".TrimEnd())', 'a b'],
    ['@("a.b".Replace(".", "$&"))', 'a$&b'],
    ['@(string.IsNullOrEmpty(null) && String.IsNullOrWhiteSpace("  "))', 'True'],
    ['@(Convert.ToBase64String(Encoding.UTF8.GetBytes("ä")))', 'w6Q='],
    ['@(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String("w6Q=")))', 'ä'],
    ['@(Convert.ToInt32("12") + int.Parse("3"))', '15'],
    ['@(Uri.EscapeDataString("a b/(c)"))', 'a%20b%2F%28c%29'],
    ['@(new Uri("https://h.example/p?q=1").Host)', 'h.example'],
    ['@(Regex.IsMatch("Patient/1", "^[A-Z][a-z]+/\\\\d+$"))', 'True'],
    ['@(Regex.Match("Patient/12", "/(?<id>\\\\d+)").Groups["id"].Value)', '12'],
    ['@(Regex.Replace("aXbX", "x", "-", RegexOptions.IgnoreCase))', 'a-b-'],
    ['@(Math.Max(1, 2))', '2'],
    ['@(Guid.NewGuid().ToString().Length)', '36'],
    ['@(Array.Exists("a,b".Split(\',\'), o => o == "b"))', 'True'],
  ])('%s', (text, expected) => {
    expect(toText(run(text))).toBe(expected);
  });
});

describe('JSON', () => {
  const body = 'context.Request.Body.As<JObject>(preserveContent: true)';
  test.each([
    ['(string)B["name"]', 'N'],
    ['(bool)B["open"]', 'True'],
    ['(int)B["count"] + 1', '4'],
    ['B["items"][1]["id"]', 'i2'],
    ['(string)B.SelectToken("items[0].id") + B.SelectToken("$[\'odd-name\']")', 'i1o'],
    ['B.SelectToken("a.b.c") == null', 'True'],
    ['B["none"] != null', 'True'],
    ['(string)B["none"] ?? "null"', 'null'],
    ['(string)B["absent"] ?? "absent"', 'absent'],
    ['B.Value<string>("name") + B.ContainsKey("open")', 'NTrue'],
    ['B["items"].Any(i => (string)i["id"] == "i2")', 'True'],
    ['((JArray)B["items"]).Count', '2'],
    [
      'new JObject(new JProperty("a", new JArray(1, "b", true, null)), new JProperty("c", B["count"])).ToString(Formatting.None)',
      '{"a":[1,"b",true,null],"c":3}',
    ],
    ['JObject.Parse("{\\"x\\": 1}")["x"]', '1'],
  ])('%s', (text, expected) => {
    expect(toText(run(`@(${text.replaceAll('B', body).replaceAll(`${body}ody`, 'Body')})`))).toBe(expected);
  });

  test('a body that was read without preserving it is gone', () => {
    expect(
      run(
        '@{ var a = context.Request.Body.As<string>(true); return context.Request.Body.As<string>(); }',
        'x',
      ),
    ).toBe('x');
    expect(() =>
      run('@{ var a = context.Request.Body.As<string>(); return context.Request.Body.As<string>(); }', 'x'),
    ).toThrow(EvaluationError);
    expect(() => run('@(context.Request.Body.As<string>())', null)).toThrow('object reference not set');
  });

  test('a name like one of JavaScript’s own is only data', () => {
    expect(run('@(JObject.Parse("{}")["constructor"] == null)')).toBe(true);
    expect(toText(run('@(new JObject(new JProperty("__proto__", 1)).ToString(Formatting.None))'))).toBe(
      '{"__proto__":1}',
    );
  });
});

describe('refused when the policy is saved', () => {
  test.each([
    ['@(1 +)', 'expression expected', 5],
    ['@(1 2)', "') expected' near '2'", 4],
    ['@(context.Nope)', "'Context' has no member 'Nope'", 10],
    ['@(context.Request.Url.Path.Foo())', "'string' has no member 'Foo'", 27],
    ['@(context.Request.Headers.constructor)', "has no member 'constructor'", 26],
    ['@(File.ReadAllText("x"))', "the name 'File' does not exist or is not allowed", 2],
    ['@(System.IO.File.Exists("x"))', "has no member 'IO'", 9],
    ['@(new HttpClient())', "type 'HttpClient' is not allowed", 6],
    ['@((HttpClient)context)', "') expected' near 'context'", 14],
    ['@(context.Variables["text"] == "x")', 'compares references', 28],
    ['@(context.Variables["flag"] ? 1 : 2)', "cannot implicitly convert type 'object' to 'bool'", 19],
    ['@("a" - "b")', "operator '-' cannot be applied", 6],
    ['@("a".Trim)', 'must be called', 6],
    ['@("a".Length())', 'is not a method', 6],
    ['@("a".Substring())', 'no overload', 6],
    ['@(string.Join(separator: "a", "b"))', 'argument name', 14],
    ['@(x)', "the name 'x' does not exist", 2],
    ['@{ var x = 1; var x = 2; return x; }', 'already defined', 14],
    ['@{ if (true) { return 1; } }', 'not all code paths return a value', 3],
    ['@{ while (true) { } return 1; }', 'this statement is not supported', 3],
    ['@{ return 1 }', '; expected', 12],
    ['@("a\nb")', 'newline in constant', 2],
    ['@("\\q")', 'unrecognized escape sequence', 3],
    ["@('ab')", 'exactly one character', 2],
    ['@($"{1:N2}")', 'format specifiers', 6],
    ['@("a" # "b")', "unexpected character '#'", 6],
    ['@(1) x', 'must be the whole value', 4],
    [`@(${'$"{'.repeat(50)}1${'}"'.repeat(50)})`, 'nested too deeply', undefined],
    [`@(${'('.repeat(200)}1${')'.repeat(200)})`, 'nested too deeply', undefined],
  ])('%s', (text, message, offset) => {
    const attempt = (): unknown => run(text);
    expect(attempt).toThrow(ExpressionError);
    expect(attempt).toThrow(message);
    try {
      attempt();
    } catch (error) {
      if (offset !== undefined) expect((error as ExpressionError).offset).toBe(offset);
    }
  });
});

describe('failures while running', () => {
  test.each([
    ['@(context.Variables["absent"])', 'not present in the dictionary'],
    ['@((string)context.Variables["number"])', 'unable to cast'],
    ['@(1 / 0)', 'divide by zero'],
    ['@(9007199254740991 + 1)', 'overflow'],
    ['@("a".Split(\',\')[3])', 'outside the bounds'],
    ['@("abc".Substring(5))', 'within the string'],
    ['@(context.LastError.Reason)', 'object reference not set'],
    ['@(int.Parse("x"))', 'not in a correct format'],
    ['@("a".Split(\',\').First(s => s == "b"))', 'no matching element'],
    ['@(JObject.Parse("nonsense"))', 'error reading JSON'],
    ['@(JObject.Parse("[]"))', 'can not convert JArray to JObject'],
    ['@(context.Request.Body.As<JArray>(true))', 'can not convert JObject to JArray'],
    ['@(Regex.IsMatch("a", "("))', 'not supported'],
    ['@(context.Request.Headers["X-One"].Foo)', undefined],
    ['@("a".Split(\',\')[0].Foo)', "has no member 'Foo'"],
    ['@(context.Request.Body.As<JObject>(true)["name"] == "N")', 'compared by reference'],
  ])('%s', (text, message) => {
    const attempt = (): unknown => run(text);
    if (message === undefined) expect(attempt).toThrow(ExpressionError);
    else expect(attempt).toThrow(message);
  });
});
