// All words of the playground, in English and Chinese. A text may have places such as {name}. The panels that the page
// shares with the page of a trace, and the sentences of events, have tables of their own.

import { PANEL_TEXTS } from "./paneltexts.js";
import { SENTENCE_TEXTS } from "./sentencetexts.js";
import { wordPanels } from "./wording.js";

const TEXTS = {
  otherLanguage: ["中文", "English"],
  languageTip: ["The playground in Chinese", "切换到英文"],
  new: ["New", "新建"],
  newTip: ["Choose a protocol or a scenario (g)", "选择协议或场景 (g)"],
  breakIt: ["Break it", "破坏它"],
  file: ["Save and share", "保存与分享"],
  view: ["View", "视图"],
  present: ["Present", "演示"],
  presentTip: ["Presentation mode: large letters (p)", "演示模式：大字 (p)"],
  theme: ["Light or dark (d)", "浅色或深色 (d)"],
  legend: ["Legend", "图例"],
  legendTip: ["Signs and keys (?)", "符号与按键 (?)"],
  cluster: ["The cluster", "集群"],
  caption: ["What happens", "正在发生"],
  show: ["Show", "显示"],
  run: ["The run", "运行"],
  details: ["Details", "细节"],
  goOn: ["Go on", "继续"],
  look: ["Look back", "回看"],
  next: ["What can happen next", "接下来可以发生什么"],
  nextOf: ["What can be done with {thing}", "可以对{thing}做什么"],
  lanes: ["Lanes", "泳道"],
  script: ["Script", "脚本"],
  tree: ["Branches", "分支"],
  requests: ["Requests", "请求"],
  why: ["Why", "为什么"],
  nodes: ["Nodes", "节点"],
  tables: ["Tables", "表格"],
  invariants: ["Invariants", "不变式"],
  story: ["Story", "故事"],
  noTables: ["The nodes hold nothing yet.", "节点还没有任何内容。"],
  noStory: ["This run has no story. Scenarios have one: “New”.", "本次运行没有故事。场景才有：“新建”。"],
  undo: ["Undo the last command (u)", "撤销上一条命令 (u)"],
  redo: ["The next command again (y)", "重做下一条命令 (y)"],
  step: ["Step", "单步"],
  stepTip: ["The next delivery or timer (s)", "下一次投递或定时器 (s)"],
  runFor: ["Run", "运行"],
  runTip: ["Let time pass (r)", "让时间流逝 (r)"],
  span: ["For how long", "多长时间"],
  quiet: ["until quiet", "直到安静"],
  commandLine: ["A command of the scenario language", "场景语言的一条命令"],
  commandHint: ["any command: crash n1 …", "任意命令：crash n1 …"],
  perform: ["Do it", "执行"],
  back: ["Look at the step before (←)", "查看上一步 (←)"],
  forward: ["Look at the step after (→)", "查看下一步 (→)"],
  replay: ["Watch it again from here (space)", "从这里重新播放 (空格)"],
  speed: ["Speed", "速度"],
  place: ["Place in the run", "运行中的位置"],
  whereIs: ["{at} / {count}", "{at} / {count}"],
  close: ["Close", "关闭"],
  cancel: ["Back to everything", "返回全部"],
  helpTitle: ["Legend: signs and keys", "图例：符号与按键"],
  helpWords: ["A node's colour is that of its term, ballot or token; filled: it leads or holds; dashed: it tries to. Rings around a node are its timers: they shrink until they fire. A message moves from its sender to its receiver. Click or press Enter on a node, a message, a ring or a link to see what can be done with it. Every click is a command of the scenario language: the script lists them, and a saved script runs with “quorate run”.",
    "节点的颜色表示它的任期、选票或令牌；实心：它是领导者或持有者；虚线：它正在竞争。节点外的环是定时器，缩小到零时触发。消息从发送者移动到接收者。单击节点、消息、环或连线（或按回车）可看到能做什么。每次单击都是场景语言的一条命令：脚本会列出它们，保存的脚本可用 “quorate run” 运行。"],
  // the cluster view
  link: ["link {from} – {to}", "连线 {from} – {to}"],
  cutBoth: ["cut both ways", "双向断开"],
  cutOne: ["{from} no longer reaches {to}", "{from} 无法到达 {to}"],
  client: ["client {name}", "客户端 {name}"],
  node: ["node {name}", "节点 {name}"],
  down: ["crashed", "已崩溃"],
  paused: ["paused", "已暂停"],
  underRules: ["under the rules {rules}", "使用规则 {rules}"],
  timer: ["timer {name} of {node}", "{node} 的定时器 {name}"],
  message: ["a message", "消息"],
  messageFrom: ["{from} → {to}: {says}", "{from} → {to}：{says}"],
  // what can be done
  lookingBack: ["You look at event {at} of {count}.", "你正在查看第 {at} 个事件，共 {count} 个。"],
  goBackHere: ["Go back to here", "回到这里"],
  toPresent: ["To the present", "回到现在"],
  inScript: ["Next in the script", "脚本的下一条"],
  playNext: ["Play it", "执行"],
  playAll: ["Play to the end", "执行到底"],
  onCluster: ["The cluster", "集群"],
  onMessages: ["Messages under way", "途中的消息"],
  onTimers: ["Timers", "定时器"],
  moreFaults: ["More faults", "更多故障"],
  clientAsks: ["A client asks", "客户端请求"],
  until: ["Run until something happens", "运行到某事发生"],
  untilRule: ["until this rule fires (again)", "直到此规则（再次）触发"],
  untilDelivered: ["until such a message arrives (again)", "直到此类消息（再次）到达"],
  network: ["Network and rules", "网络与规则"],
  chooseThing: ["Choose a node, a message, a ring or a link in the picture for more.", "在图中选择节点、消息、环或连线可看到更多。"],
  nothingNext: ["Nothing can be done here.", "这里什么也做不了。"],
  moreActions: ["… and {count} more: choose them in the picture", "……还有 {count} 个：请在图中选择"],
  drop: ["lose it", "丢弃它"],
  hold: ["hold it back", "扣留它"],
  duplicate: ["deliver it twice", "投递两次"],
  delay: ["delay it by 5 ms", "延迟 5 毫秒"],
  forge: ["make a lie of it", "让它说谎"],
  forgeTip: ["What it says from now on. The sender's machine knows nothing of it.", "从现在起它所说的内容。发送者的状态机并不知情。"],
  lies: ["it lies", "它在说谎"],
  ofLiar: ["a liar's", "来自说谎者"],
  liar: ["a liar: {lie}", "说谎者：{lie}"],
  makeLiar: ["Make it a liar (from the beginning, as a branch)", "让它说谎（从头开始，成为一个分支）"],
  honestAgain: ["honest again", "恢复诚实"],
  onFilters: ["From now on", "从现在起"],
  inForce: ["Filters in force", "生效中的过滤器"],
  release: ["deliver what is held, hold no more", "投递被扣留的消息，不再扣留"],
  pass: ["end all other filters", "结束其他所有过滤器"],
  holdAll: ["hold back all from {from} to {to}", "扣留从 {from} 到 {to} 的所有消息"],
  dropAll: ["lose all from {from} to {to}", "丢弃从 {from} 到 {to} 的所有消息"],
  delayAll: ["delay all from {from} to {to}", "延迟从 {from} 到 {to} 的所有消息"],
  duplicateAll: ["repeat all from {from} to {to}", "重复从 {from} 到 {to} 的所有消息"],
  isolate: ["cut it off from all others", "把它与其他节点隔离"],
  beforePersist: ["crash it before its next write to disk", "在下次写盘之前崩溃"],
  afterPersist: ["crash it after its next write to disk", "在下次写盘之后崩溃"],
  afterSend: ["crash it after its next message", "在发出下一条消息之后崩溃"],
  clockDrift: ["its clock runs fast or slow", "时钟变快或变慢"],
  clockJump: ["its wall clock jumps", "墙上时钟跳变"],
  otherRules: ["break one of its rules", "破坏它的一条规则"],
  allRules: ["break one rule on all nodes", "在所有节点上破坏一条规则"],
  partition: ["Partition", "分区"],
  partitionTip: ["Nodes of the same group reach each other", "同组的节点可以互相通信"],
  group: ["group of {name}", "{name} 所在的组"],
  loss: ["lose messages at random", "随机丢失消息"],
  latency: ["delay of messages", "消息的延迟"],
  linkQueue: ["every link has a queue: time for each message, room for those that wait", "每条连线都有队列：每条消息占用的时间、可等待的消息数"],
  serviceTime: ["time that it takes for each message (0ms: none)", "处理每条消息所需的时间（0ms：不需要）"],
  doIt: ["Do it", "执行"],
  // the script, the branches
  scriptWords: ["Each line was a click or a command. Go to any of them; what you do there begins a branch.", "每一行都是一次单击或一条命令。可以回到任意一行；在那里做的事会开始一个分支。"],
  goTo: ["Go to after: {line}", "回到这条之后：{line}"],
  seed: ["Seed", "种子"],
  useSeed: ["Use this seed", "使用这个种子"],
  seedTip: ["The same commands with other random choices, as a branch", "相同的命令，不同的随机选择，成为一个分支"],
  current: ["here", "当前"],
  commandsOf: ["{count} commands", "{count} 条命令"],
  branchedAt: ["from {parent} after {at}", "来自 {parent} 的第 {at} 条之后"],
  breaks: ["breaks {invariant}", "违反 {invariant}"],
  switch: ["Switch", "切换"],
  compare: ["Compare", "比较"],
  remove: ["Remove", "删除"],
  rename: ["Name this branch", "命名此分支"],
  endCompare: ["End the comparison", "结束比较"],
  // breaking
  attack: ["Try to break it from here", "从这里尝试破坏它"],
  attackTip: ["Many random plays from here; the shortest violation, reduced, becomes a branch.", "从这里随机执行多次；最短的违规经过缩减后成为一个分支。"],
  attackGo: ["Try {count} plays", "尝试 {count} 次"],
  auto: ["Let it play by itself", "让它自己运行"],
  autoTip: ["Events and faults by chance; what happened is written into the script.", "随机的事件和故障；发生的一切都写进脚本。"],
  autoGo: ["Play {count} steps", "运行 {count} 步"],
  rate: ["Faults", "故障率"],
  calm: ["none", "无"],
  some: ["some", "少量"],
  many: ["many", "大量"],
  byTheBook: ["The same by the book", "按原规则重演"],
  byTheBookTip: ["The same commands without broken rules, compared with this run (b)", "相同的命令，没有被破坏的规则，与本次运行比较 (b)"],
  working: ["working …", "处理中……"],
  // the goal of an exercise
  goal: ["The goal of the exercise", "练习的目标"],
  goalIs: ["Break {invariant}", "违反 {invariant}"],
  goalCount: ["{used} of {most} commands", "命令 {used} / {most}"],
  task: ["The task", "题目"],
  goalReached: ["✓ Reached. The schedule is saved in {file}; “quorate learn grade {exercise}” grades it.", "✓ 已达成。调度已保存到 {file}；用 “quorate learn grade {exercise}” 评分。"],
  goalBudget: ["It breaks, with {count} commands; {most} must do. Undo, and try with fewer.", "违反了，但用了 {count} 条命令；最多 {most} 条。请撤销，用更少的命令再试。"],
  goalOther: ["{broken} breaks; the goal is {invariant}. Undo, and go on.", "被违反的是 {broken}；目标是 {invariant}。请撤销后继续。"],
  goalBook: ["{broken} breaks under the correct rules, too, so the bug is not the cause. Undo, and try another way.", "在正确的规则下 {broken} 也会被违反，所以原因不是这个错误。请撤销，换一种方法。"],
  goalOpening: ["The system must be the given one: open it again by a reload in a new tab.", "系统必须是给定的那一个：请在新标签页中重新打开。"],
  goalFile: ["Reached, but {file} cannot be written: {says}. Mend that, undo, and redo.", "已达成，但无法写入 {file}：{says}。请解决后撤销并重做。"],
  goalNot: ["Not reached yet. {says}", "尚未达成。{says}"],
  goalUnsent: ["The server does not answer, so nothing is saved. Undo and redo to try again.", "服务器没有响应，没有保存。请撤销并重做以重试。"],
  // files and links
  save: ["Save as a scenario file", "保存为场景文件"],
  saveTip: ["“quorate run FILE” plays it with the same events.", "“quorate run FILE” 会以相同的事件重演它。"],
  openFile: ["Open a scenario file", "打开场景文件"],
  share: ["Link to this session", "此会话的链接"],
  shareGo: ["Copy a link", "复制链接"],
  shareTip: ["The link holds the whole session, with its branches. What is behind # opens in every playground.", "链接包含整个会话及其分支。# 之后的部分可以在任何 Quorate 演练场打开。"],
  copied: ["The link is copied.", "链接已复制。"],
  copyByHand: ["Press Ctrl+C to copy it.", "请按 Ctrl+C 复制。"],
  linkTooLong: ["This session is too long for a link: {size} signs, and mail and chats cut them at {most}. Save it as a file instead.", "此会话太长，无法放入链接：{size} 个字符，而邮件和聊天软件在 {most} 处截断。请保存为文件。"],
  linkBroken: ["The link holds no session: it was cut off or changed on its way. Ask for it again, or for the scenario file.", "链接中没有会话：它在途中被截断或更改。请重新索取链接或场景文件。"],
  fileTooLarge: ["{name} is too large for a scenario file.", "{name} 太大，不是场景文件。"],
  // the opening
  openingTitle: ["What do you want to play with?", "你想玩什么？"],
  openingWords: ["The real protocol code, in your hands: crash nodes, lose messages, break a rule, go back and try again.", "真正的协议代码，由你掌控：让节点崩溃，丢失消息，破坏规则，回退再试。"],
  protocols: ["A fresh cluster", "新的集群"],
  scenarios: ["A scenario", "一个场景"],
  find: ["Find a scenario", "查找场景"],
  noneFound: ["No scenario has these words.", "没有包含这些词的场景。"],
  clusterLine: ["Its cluster line", "它的 cluster 行"],
  start: ["Start", "开始"],
  // messages
  error: ["Not done: {says}", "未执行：{says}"],
  errorLine: ["Not done: line {line}: {says}", "未执行：第 {line} 行：{says}"],
  ended: ["The session had ended at the server, and was opened again from what this page has kept. ({says})", "服务器上的会话已结束，已根据本页保存的内容重新打开。（{says}）"],
  unreachable: ["The playground's server does not answer: start it again with “--port {port}”, and load its new address in this tab. The session is kept in the browser.", "演练场的服务器没有响应：请用 “--port {port}” 重新启动，并在此标签页打开它显示的新地址。会话保存在浏览器中。"],
  fault: ["An error of the page: {says}. The session is kept; load the page again.", "页面出错：{says}。会话已保存；请重新加载页面。"],
  allHold: ["✓ all invariants hold", "✓ 所有不变式成立"],
  broke: ["▲ {invariant} broke", "▲ {invariant} 被违反"],
  toViolation: ["Go to the step in which it broke (v)", "前往违反的那一步 (v)"],
  rulesAre: [" · rules {rules}", " · 规则 {rules}"],
  subtitle: ["{protocol} · branch {branch} · {time}", "{protocol} · 分支 {branch} · {time}"],
  seedIs: [" · seed {seed}", " · 种子 {seed}"],
  // keys
  keyForward: ["the next step; at the end, the next command of the script", "下一步；在末尾时执行脚本的下一条命令"],
  keyBack: ["the step before", "上一步"],
  keyFirst: ["the beginning", "开头"],
  keyLast: ["the present", "现在"],
  keyStep: ["perform one step", "执行一步"],
  keyRun: ["let time pass", "让时间流逝"],
  keyUndo: ["undo", "撤销"],
  keyRedo: ["redo", "重做"],
  keyPlay: ["watch it again from here", "从这里重新播放"],
  keyHere: ["go back to the step that you look at", "回到正在查看的那一步"],
  keyViolation: ["the broken invariant", "被违反的不变式"],
  keyBook: ["the same by the book", "按原规则重演"],
  keyNew: ["another protocol or scenario", "另一个协议或场景"],
  keyCommand: ["type a command", "输入命令"],
  keyPresent: ["presentation mode", "演示模式"],
  keyTheme: ["light or dark", "浅色或深色"],
  keyHelp: ["this legend", "本图例"],
  keyEscape: ["close, or choose nothing", "关闭，或取消选择"],
};

/** What the session says of actions, in Chinese. */
const ACTIONS = {
  "the next event": "下一个事件",
  "until no message is in flight": "直到没有消息在途中",
  "let 10 ms pass": "让 10 毫秒流逝",
  "restore all links": "恢复所有连线",
  "crash it: it keeps its disk": "让它崩溃：磁盘保留",
  "pause it, without its notice": "暂停它，它自己察觉不到",
  "suspend its machine: its monotonic clock stands still": "挂起它的机器：单调时钟停走",
  "crash it and erase its disk": "让它崩溃并擦除磁盘",
  "let it go on": "让它继续",
  "restart it from its disk": "从磁盘重新启动",
  "erase its disk": "擦除它的磁盘",
  "let the timer fire now": "让定时器立即触发",
  "deliver it now": "立即投递",
  "restore this link": "恢复此方向",
  "cut this direction": "断开此方向",
  "say that this is expected": "声明这是预期的",
  "go on without this invariant": "不再检查此不变式，继续",
};

/** The lies of nodes: the word in Chinese, and what the liar does. */
const LIES = {
  silent: ["沉默", "sends nothing", "什么也不发"],
  "says-other": ["说反话", "says the opposite of what it got", "说出与所得相反的话"],
  equivocates: ["两面说辞", "tells some nodes this, and others that", "对不同节点说不同的话"],
  "claims-receipt": ["谎称收到", "says that it got an order to attack", "声称收到进攻的命令"],
  equivocating: ["两面说辞", "tells some nodes this, and others that", "对不同节点说不同的话"],
  "supports-all": ["附和所有人", "confirms to each node what the node has said", "向每个节点确认它所说的话"],
  forging: ["冒充他人", "speaks for others, without their seals", "冒充他人说话，但没有他们的印章"],
  replaying: ["重放旧话", "repeats what was said before", "重复以前说过的话"],
  colluding: ["串通", "confirms to each node what it was told", "向每个节点确认它被告知的话"],
};

const LANGUAGES = ["en", "zh"];

/** The language of the page: that of the address, or of the browser. */
export const LANGUAGE = (() => {
  const asked = new URLSearchParams(location.search).get("lang") ?? navigator.language;
  return asked.toLowerCase().startsWith("zh") ? "zh" : "en";
})();

/** A text in the page's language, with its places filled. */
export function t(key, values = {}) {
  const text = TEXTS[key][LANGUAGES.indexOf(LANGUAGE)];
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** What the session says of an action, in the page's language as far as it is known there. */
export function inWords(says) {
  return LANGUAGE === "zh" ? ACTIONS[says] ?? says : says;
}

/** The kind of a lie, and what such a liar does, in the page's language as far as they are known there. */
export function lieWord(lie) {
  return LANGUAGE === "zh" ? LIES[lie]?.[0] ?? lie : lie;
}

export function lieSays(lie) {
  return LIES[lie]?.[LANGUAGE === "zh" ? 2 : 1] ?? lieWord(lie);
}

/** Fills the elements of the page that name a text: `data-t` for their content, `data-tip`, `data-label` and `data-hint` for attributes. */
export function fillTexts(root) {
  document.documentElement.lang = LANGUAGE === "zh" ? "zh-Hans" : "en";
  if (LANGUAGE === "zh") wordPanels([...PANEL_TEXTS, ...SENTENCE_TEXTS, ...Object.entries(LIES).map(([lie, [word]]) => [lie, word])]);
  for (const [name, attribute] of [["t", undefined], ["tip", "title"], ["label", "aria-label"], ["hint", "placeholder"]]) {
    for (const element of root.querySelectorAll(`[data-${name}]`)) {
      const text = t(element.dataset[name]);
      if (attribute) element.setAttribute(attribute, text);
      else element.textContent = text;
    }
  }
}

/** The address of the page in the other language. */
export function otherLanguage() {
  const address = new URL(location.href);
  address.searchParams.set("lang", LANGUAGE === "zh" ? "en" : "zh");
  return address.href;
}
