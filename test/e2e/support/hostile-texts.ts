// Strings as an attacker would choose them for names, paths and arguments.
export const HOSTILE_TEXTS: readonly string[] = [
  '<img src=x onerror="document.title=1"><script>document.title=1</script>',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is hostile, not mistaken
  '${document.title=1}{{constructor.constructor("document.title=1")()}}',
  '\x1b[31mred\x1b[0m\x1b]0;title\x07\r\n\tx',
  'photo\u202egnp.exe\u2066\u200b',
  `${'/very-long'.repeat(409)}/x`,
  'javascript:document.title=1',
  '__proto__',
  '<!--',
  '"><svg onload=document.title=1>',
];
