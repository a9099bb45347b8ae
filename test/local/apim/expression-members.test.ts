import { beforeAll, describe, expect, test } from 'vitest';
import { type ApimCloud, apimCloud, operation, policies } from './apim-cloud.ts';

let cloud: ApimCloud;
beforeAll(async () => {
  cloud = await apimCloud();
  await operation(cloud, 'a', 'PUT', '/items/{id}', 'put-item');
});

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const CLAIMS = {
  iss: 'https://i',
  sub: 'me',
  jti: 'j1',
  exp: 2_000_000_000,
  nbf: 1_000_000_000,
  iat: 0,
  n: 7,
};
const TOKEN = `${encoded({ alg: 'RS256', typ: 'at+jwt' })}.${encoded(CLAIMS)}.c2ln`;
const REQUEST: RequestInit = {
  method: 'PUT',
  body: JSON.stringify({ s: 'text', n: 3, d: 2.5, b: true, z: null, list: ['x', 'y'], o: { k: 'v' } }),
  headers: {
    'content-type': 'application/json',
    authorization: `Bearer ${TOKEN}`,
    'x-basic': `Basic ${btoa('u:p')}`,
    'x-not-basic': 'Basic !!',
  },
};

/** What an expression gives, as text; `500: why` when running it failed. */
async function evaluated(expression: string, section: 'inbound' | 'outbound' = 'inbound'): Promise<string> {
  const tell = (text: string): string =>
    `<return-response><set-status code="200" reason="OK" /><set-body>${text}</set-body></return-response>`;
  const failed =
    '<return-response><set-body>@("500: " + context.LastError.Message.Replace("Expression evaluation failed. ", ""))</set-body></return-response>';
  const answer = await cloud.policy(
    '/apis/a',
    policies({ [section]: `<base />${tell(expression)}`, onError: failed }),
  );
  expect([answer.status, answer.body.error?.details]).toEqual([expect.toBeOneOf([200, 201]), undefined]);
  return (await cloud.call('/a/items/7?x=1&x=2&y=z', REQUEST)).text();
}

describe('the context', () => {
  test.each([
    ['context.Api.Id + context.Api.Name + context.Api.Revision', 'aa1'],
    ['context.Api.ServiceUrl.Host + context.Api.ServiceUrl.Path', 'app1.azurewebsites.net/api'],
    ['context.Api.ServiceUrl.ToString()', 'https://app1.azurewebsites.net/api'],
    ['context.Operation.Name + " " + context.Operation.Method', 'put-item PUT'],
    ['context.Operation.UrlTemplate', '/items/{id}'],
    ['context.Deployment.ServiceName + context.Deployment.ServiceId', 'apim-1apim-1'],
    ['context.Deployment.GatewayId', 'managed'],
    ['context.Subscription == null', 'True'],
    ['context.Product?.Name ?? "no product"', 'no product'],
    ['context.Tracing', 'False'],
    ['context.Elapsed.TotalMilliseconds + context.Elapsed.TotalMinutes', '0'],
    ['context.Request.Certificate == null', 'True'],
    ['context.Request.OriginalUrl.Scheme', 'https'],
    ['context.Request.Url.Host', 'app1.azurewebsites.net'],
    ['context.Request.Url.Query.ContainsKey("y")', 'True'],
    ['string.Join(",", context.Request.Url.Query.Keys)', 'x,y'],
    ['context.Request.Url.Query["none"][0]', '500: the given key was not present in the dictionary'],
    ['context.Request.MatchedParameters.ContainsKey("id")', 'True'],
    ['context.Request.MatchedParameters.GetValueOrDefault("no", "d")', 'd'],
    ['context.Request.MatchedParameters["no"]', '500: the given key was not present in the dictionary'],
    ['context.Request.Headers.Keys.Any(k => k == "authorization")', 'True'],
    ['context.Request.Headers["X-None"][0]', '500: the given key was not present in the dictionary'],
    ['context.Variables.GetValueOrDefault("none") == null', 'True'],
  ])('%s', async (text, expected) => {
    expect(await evaluated(`@(${text})`)).toBe(expected);
  });

  test('the response, behind the backend', async () => {
    cloud.answer = () => new Response('["a"]', { status: 203, statusText: 'Odd', headers: { 'x-r': 'v' } });
    const text =
      'context.Response.StatusCode + context.Response.StatusReason + context.Response.Headers.GetValueOrDefault("X-R") + context.Response.Body.As<JArray>(true)[0] + context.Response.Body.As<byte[]>().Length';
    expect(await evaluated(`@(${text})`, 'outbound')).toBe('203Oddva5');
    cloud.answer = () => Response.json({ ok: true });
  });
});

describe('strings', () => {
  test.each([
    ['"Ab".ToLowerInvariant() + "Ab".ToUpperInvariant()', 'abAB'],
    ['"Ab".ToString()', 'Ab'],
    ['"--a".TrimStart(\'-\') + "b--".TrimEnd(\'-\')', 'ab'],
    ['"   ".Trim().Length', '0'],
    ['"Hello".EndsWith("LO") || "Hello".EndsWith("LO", StringComparison.InvariantCultureIgnoreCase)', 'True'],
    ['"Hello".EndsWith("LO", StringComparison.Ordinal)', 'False'],
    ['"Hello".Contains("ELL", StringComparison.OrdinalIgnoreCase)', 'True'],
    ['"a".Equals("A") || "a".Equals(null)', 'False'],
    ['"a".Equals("A", StringComparison.OrdinalIgnoreCase)', 'True'],
    ['"abcabc".IndexOf("C", StringComparison.OrdinalIgnoreCase) + "abcabc".IndexOf("a", 1)', '5'],
    ['"abcabc".LastIndexOf("b") + "abc".LastIndexOf("x")', '3'],
    ['"abc".Substring(3) + "abc".Substring(0, 0)', ''],
    ['"abc".Substring(1, 3)', '500: index and length must refer to a location within the string'],
    ['"abc".Substring(-1)', '500: index and length must refer to a location within the string'],
    ['"abc".Remove(1) + "abc".Remove(1, 1)', 'aac'],
    ['"abc".Remove(4)', '500: index and length must refer to a location within the string'],
    ['"aaa".Replace("a", "aa")', 'aaaaaa'],
    ['"a".Replace("", "b")', '500: string cannot be of zero length'],
    ['"ab".PadRight(4, \'.\') + "ab".PadRight(1) + "ab".PadLeft(3)', 'ab..ab ab'],
    ['string.Join("|", "a, b;c".Split(\',\', \';\'))', 'a| b|c'],
    ['string.Join("|", ",a,,b".Split(new[] { "," }, StringSplitOptions.RemoveEmptyEntries))', 'a|b'],
    ['string.Join("|", "a\\tb c\\nd".Split())', 'a|b|c|d'],
    ['"abc".ToCharArray().Length + "" + "abc"[1]', '3b'],
    ['"abc"[3]', '500: index and length must refer to a location within the string'],
    ['"a1b".All(c => c != \'z\') && "abc".Any(c => c == \'b\') && "aab".Count(c => c == \'a\') == 2', 'True'],
    ['"ab".First() + "" + "ab".Last()', 'ab'],
    ['string.Concat("a", 1, true, null)', 'a1True'],
    ['string.Equals("a", "A") || String.Equals("a", "A", StringComparison.OrdinalIgnoreCase)', 'True'],
    ['string.Format("{0}-{1}-{0}", "a", 2)', 'a-2-a'],
    ['string.Format("{{ {0} }}", "a")', '{ a }'],
    ['string.Format("{1}", "a")', '500: the format string or its index is not valid or not supported'],
    ['string.Format("{0:N2}", 1)', '500: the format string or its index is not valid or not supported'],
    ['string.Empty + string.Join(", ", "a", "b", 3)', 'a, b, 3'],
    ["new string('-', 3)", '---'],
    ['context.Request.Headers.GetValueOrDefault("X-Basic").AsBasic().UserId', 'u'],
    ['context.Request.Headers.GetValueOrDefault("X-Not-Basic").AsBasic() == null', 'True'],
    ['"Basic bm9jb2xvbg==".AsBasic() == null', 'True'],
    ['((string)null).Length', '500: object reference not set to an instance of an object'],
    ['"a".StartsWith(null)', '500: value cannot be null'],
  ])('%s', async (text, expected) => {
    expect(await evaluated(`@(${text})`)).toBe(expected);
  });
});

describe('sequences', () => {
  const list = 'new[] { "b", "a", "b" }';
  test.each([
    ['string.Join(",", L.Distinct())', 'b,a'],
    ['string.Join(",", L.Skip(1).Take(1))', 'a'],
    ['string.Join(",", L.Skip(-1).Take(9).ToArray())', 'b,a,b'],
    ['L.ToList().Count()', '3'],
    ['L.Last() + L.First()', 'bb'],
    ['L.Last(s => s == "a") + (L.LastOrDefault(s => s == "c") ?? "none")', 'anone'],
    ['L.Last(s => s == "c")', '500: sequence contains no matching element'],
    ['L.FirstOrDefault(s => s == "c") == null', 'True'],
    ['L.Count(s => s == "b")', '2'],
    ['L.Contains("a") && !L.Contains("c")', 'True'],
    ['L.Concat("c")', '500: a sequence was expected'],
    ['new[] { 1, 2, 3 }.Sum() + new[] { 0.5, 1 }.Sum()', '7.5'],
    ['L.Cast<string>().Length', '3'],
    ['L[-1]', '500: index was outside the bounds of the array'],
    ['L.Where("x").Length', '500: a lambda expression was expected'],
    ['L.Any(s => s)', '500: a Boolean was expected, not string'],
    ['L.ToString()', undefined],
    ['Array.IndexOf(L, "a") + Array.IndexOf(L, "x")', '0'],
    ['L', '500: a sequence has no text of its own: use string.Join'],
  ])('%s', async (text, expected) => {
    const expression = `@(${text.replaceAll(/\bL\b/g, list)})`;
    if (expected !== undefined) expect(await evaluated(expression)).toBe(expected);
    else
      expect(
        (await cloud.policy('/apis/a', policies({ inbound: `<set-body>${expression}</set-body>` }))).status,
      ).toBe(400);
  });
});

describe('JSON', () => {
  const body = 'context.Request.Body.As<JObject>(preserveContent: true)';
  test.each([
    ['B.Count + B["list"].Children().Length', '9'],
    ['B.GetValue("s") + B.Type + B["list"].Type + B["s"].Type', 'textObjectArrayValue'],
    ['B["o"].HasValues && !B["s"].HasValues', 'True'],
    ['string.Join(",", B.Properties().Select(p => p.Name))', 's,n,d,b,z,list,o'],
    ['B.Properties().First(p => p.Name == "o").Value["k"]', 'v'],
    ['B["o"].ToString(Formatting.None) + B["o"].ToString(Formatting.Indented).Length', '{"k":"v"}14'],
    ['B.Value<int>("n") + B.Value<double>("d")', '5.5'],
    ['B.Value<string>("z") ?? "null"', 'null'],
    ['B.Value<bool>("absent")', undefined],
    ['B["list"].ToObject<string[]>().Length', '2'],
    ['B["list"][5]', '500: index was out of range'],
    ['B["s"]["k"]', "500: 'JValue' cannot be indexed"],
    ['B["s"].Value<string>("k")', '500: cannot access child value on JValue'],
    ['B.SelectToken("list[9]") == null && B.SelectToken("s[0]") == null', 'True'],
    ['B.SelectToken("$..k")', "500: path '$..k' is not supported"],
    ['(int)B["d"]', '2'],
    ['(double)B["n"] / 2', '1.5'],
    ['(int)B["s"]', '500: input string was not in a correct format'],
    ['(bool)B["n"]', '500: can not convert JValue to bool'],
    ['(string)B["o"]', '500: can not convert Object to String'],
    ['(string)B["b"]', 'True'],
    ['(int)JToken.Parse("\\"42\\"") + (int)JToken.FromObject(1)', '43'],
    ['(bool)JToken.Parse("\\"TRUE\\"")', 'True'],
    ['((DateTime)JToken.Parse("\\"2026-11-24T01:02:03\\"")).ToString("s")', '2026-11-24T01:02:03'],
    ['JArray.Parse("[1,2]").Count + JArray.Parse("[1,2]").Sum()', undefined],
    [
      'new JObject(new JProperty("a", 1, 2), new JProperty("g", Guid.Empty)).ToString(Formatting.None)',
      '{"a":[1,2],"g":"00000000-0000-0000-0000-000000000000"}',
    ],
    [
      'new JArray(1.5, \'c\', DateTime.Parse("2026-11-24"), new JValue("v")).ToString(Formatting.None)',
      '[1.5,"c","2026-11-24T00:00:00.000Z","v"]',
    ],
    ['new JObject("a")', '500: can not add this to a JObject'],
    ['new JArray(context.Elapsed)', '500: a value of type TimeSpan cannot become JSON'],
    ['new JProperty("a", "b")', '"a": "b"'],
    ['JObject.Parse("{}") is JToken && !(JToken.Parse("1") is JObject)', 'True'],
    ['(B["s"] as JObject) == null', 'True'],
    ['context.Request.Body.As<int>(true)', '500: As<int> is not supported'],
    ['JToken.Parse("\\"x\\"").ToString() + JToken.Parse("null") + JToken.Parse("1.5")', 'x1.5'],
  ])('%s', async (text, expected) => {
    const result = await evaluated(`@(${text.replaceAll(/\bB\b(?!ody)/g, body)})`);
    if (expected === undefined) expect(result).toMatch(/^500: /);
    else expect(result).toBe(expected);
  });
});

describe('tokens, moments and the rest', () => {
  const jwt = 'context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()';
  test.each([
    ['J.Algorithm + J.Type + J.Id + J.Subject', 'RS256at+jwtj1me'],
    ['J.IssuedAt.ToString("yyyy-MM-dd") + J.NotBefore.Year', '1970-01-012001'],
    ['J.Audiences.Length + J.Claims.Keys.Count()', '7'],
    ['J.Claims.ContainsKey("sub") && !J.Claims.ContainsKey("constructor")', 'True'],
    ['J.Claims["n"][0] + J.Claims.GetValueOrDefault("none", "d")', '7d'],
    ['J.Claims["none"][0]', '500: the given key was not present in the dictionary'],
    ['"a.b.c".AsJwt() == null && "W10.W10.".AsJwt() == null && "a.b".AsJwt() == null', 'True'],
    ['DateTime.Parse("2026-11-24T10:00:00+02:00").ToString("o")', '2026-11-24T08:00:00.0000000Z'],
    ['DateTime.Parse("2026-11-24 10:00:00").ToString("yyyy-MM-ddTHH:mm:ssZ")', '2026-11-24T10:00:00Z'],
    ['DateTime.Parse("2026-11-24").AddDays(1).AddHours(-1.5).ToString("r")', 'Tue, 24 Nov 2026 22:30:00 GMT'],
    ['DateTime.Parse("2026-11-24T05:06:07Z").ToUniversalTime().Hour', '5'],
    ['DateTime.Parse("2026-11-24T05:06:07Z")', '11/24/2026 05:06:07'],
    ['DateTime.Parse("yesterday")', '500: string was not recognized as a valid DateTime'],
    ['DateTime.UtcNow.ToString("dddd")', "500: date format 'dddd' is not supported"],
    ['(DateTime.Parse("2026-11-24").AddSeconds(90) - DateTime.Parse("2026-11-24")).TotalMinutes', '1.5'],
    ['(DateTime.Parse("2026-11-24") - TimeSpan.FromSeconds(1)).ToString("s")', '2026-11-23T23:59:59'],
    ['(TimeSpan.FromSeconds(1) + TimeSpan.FromSeconds(0.5)).TotalMilliseconds', '1500'],
    [
      'TimeSpan.FromSeconds(1) < TimeSpan.FromSeconds(2) && TimeSpan.FromSeconds(1) == TimeSpan.FromSeconds(1)',
      'True',
    ],
    ['DateTime.Parse("2026-11-24") == DateTime.Parse("2026-11-24T00:00:00Z")', 'True'],
    ['DateTime.UtcNow + DateTime.UtcNow', undefined],
    ['Guid.Parse("00000000-0000-0000-0000-000000000000") == Guid.Empty', 'True'],
    ['Convert.ToBoolean("TRUE ") && bool.Parse("true") && Convert.ToBoolean(true)', 'True'],
    ['bool.Parse("yes")', '500: string was not recognized as a valid Boolean'],
    ['Convert.ToString(1.5) + Convert.ToInt32(2.5) + Convert.ToInt32(3.5) + Convert.ToInt32(7)', '1.5247'],
    ['Convert.ToInt32("")', '500: input string was not in a correct format'],
    ['Convert.FromBase64String("a").Length', '500: the input is not a valid Base-64 string'],
    ['Convert.ToBase64String("x")', '500: bytes were expected'],
    ['Encoding.ASCII.GetString(Encoding.ASCII.GetBytes("az"))', 'az'],
    ['Math.Min(2, 1) + Math.Abs(-3)', '4'],
    ['Uri.UnescapeDataString("a%20b%2F") + Uri.UnescapeDataString("%")', 'a b/%'],
    ['new Uri("https://h/p?q=1").Query + new Uri("https://h/p").AbsolutePath', '?q=1/p'],
    [
      'new Uri("http://h:81/p").Scheme + new Uri("http://h:81/p").Port + new Uri("http://h/p").Port',
      'http8180',
    ],
    ['new Uri("https://h/p").AbsoluteUri + new Uri("https://h/p").ToString()', 'https://h/phttps://h/p'],
    ['new Uri("nowhere")', '500: invalid URI: the format of the URI could not be determined'],
    ['Regex.Match("ab", "x").Success || Regex.Match("ab", "(x)?").Groups[1].Success', 'False'],
    ['Regex.Match("ab", "(a)(b)").Groups[2].Value + Regex.Match("ab", "b").Value', 'bb'],
    ['Regex.IsMatch("A", "a") || Regex.IsMatch("A", "a", RegexOptions.IgnoreCase)', 'True'],
    ['Regex.IsMatch("a", "A", RegexOptions.None)', 'False'],
    ['Regex.Escape("a.b*c")', 'a\\.b\\*c'],
    [`Regex.Replace("a-b", "(\\\\w)-(?<x>\\\\w)", "$2\${x}\${1}$0$$")`, 'bbaa-b$'],
    [
      'WebUtility.UrlEncode("a b&c/~\'") + System.Net.WebUtility.UrlDecode("a+b%26c&d")',
      'a+b%26c%2F%7E%27a b&c&d',
    ],
    ['WebUtility.HtmlEncode("<a b=\\"c\\">&\'")', '&lt;a b=&quot;c&quot;&gt;&amp;&#39;'],
  ])('%s', async (text, expected) => {
    const result = await evaluated(`@(${text.replaceAll(/\bJ\b/g, jwt)})`);
    if (expected === undefined) expect(result).toMatch(/^500: /);
    else expect(result).toBe(expected);
  });
});

describe('operators and statements', () => {
  test.each([
    ['@(-1.5 + +2)', '0.5'],
    ['@(7.5 % 2 == 1.5 && 1 != 2 && 2 > 1)', 'True'],
    ['@(1.0 / 0 > 1000000)', 'True'],
    ['@(5 % 0)', '500: attempted to divide by zero'],
    ["@('a' == 'a' && 'a' != 'b')", 'True'],
    ['@(false && ((string)null).Length == 1)', 'False'],
    ['@(true || ((string)null).Length == 1)', 'True'],
    ['@((string)null ?? (string)null ?? "c")', 'c'],
    ['@(((string)null)?.Substring(1).Length == null)', 'True'],
    ['@(context.Variables.GetValueOrDefault<string[]>("none", null)?[0] ?? "none")', 'none'],
    ['@((long)3.9 + (int)(double)2)', '5'],
    ['@((object)1 is int && !((object)1 is string))', 'True'],
    ['@(((object)null is string) ? "a" : "b")', 'b'],
    ['@((bool)(object)"true")', "500: unable to cast object of type 'string' to type 'bool'"],
    ['@((int)(object)null)', "500: unable to cast object of type 'null' to type 'int'"],
    ['@(0.1m + 1_000 + 2L)', '1002.1'],
    ['@{ int n = 0; foreach (var x in new JArray(1, 2)) n = n + (int)x; return n; }', '3'],
    ['@{ var a = "1"; if (a == "2") return "x"; else if (a == "1") { a = "y"; } return a; }', 'y'],
    ['@{ foreach (string s in "a b".Split(\' \')) { if (s == "b") return s; } return "none"; }', 'b'],
    ['@{ foreach (var x in 5) { } return 1; }', '500: foreach needs a sequence'],
    [
      '@{ int n = (int)context.Variables.GetValueOrDefault<object>("none", "s"); return n; }',
      "500: unable to cast object of type 'string' to type 'int'",
    ],
    ['@{ ; return "a"; }', 'a'],
    ['@{ return new[] { 1, 2 }.Select(x => x * 2).Where((x) => x > 2).First(); }', '4'],
  ])('%s', async (expression, expected) => {
    expect(await evaluated(expression)).toBe(expected);
  });
});
