/** Chinese words of the decision editor: the requirements diagram, the table, literal and boxed expressions. */
import { translate as general } from "./zh.js";

const words = {
  '"value"': "\"值\"", '"value", "value", ...': "\"值\", \"值\" …", "Activate hand tool": "抓手工具", "Activate lasso tool": "框选工具",
  "Add cell description": "为单元格加说明", "Add input": "新增输入列", "Add input column left": "在左边加输入列", "Add input column right": "在右边加输入列",
  "Add output": "新增输出列", "Add output column left": "在左边加输出列", "Add output column right": "在右边加输出列", "Add parameter": "新增参数",
  "Add predefined values": "新增预设值", "Add rule": "新增规则", "Add rule above": "在上面加规则", "Add rule below": "在下面加规则",
  "Add text annotation": "加文字注释", "Add values": "新增值", "After": "之后", "And": "与", "Annotation": "注释", "Annotations": "说明",
  "Append business knowledge model": "追加业务知识", "Append decision": "追加决策", "Append input data": "追加输入数据", "Append knowledge source": "追加依据",
  "Before": "之前", "Between": "介于", "Boolean value": "是或否", "Change cell expression language": "更换单元格的表达式语言", "Change type": "更换类型",
  "Clear predefined values": "清空预设值", "Comparison": "比较", "Comparison operator": "比较符", "Connect to other element": "连接到其他元素",
  "Copy input column": "复制输入列", "Copy output column": "复制输出列", "Copy rule": "复制规则", "Create decision": "新建决策", "Create input data": "新建输入数据",
  "Create knowledge model": "新建业务知识", "Create knowledge source": "新建依据", "Custom values": "其他值", "Cut input column": "剪切输入列",
  "Cut output column": "剪切输出列", "Cut rule": "剪切规则", "Date": "日期", "Date and time": "日期时间", "Date and time value": "日期时间", "Date value": "日期",
  "Decision name": "决策名称", "Decision name: ": "决策名称：", "Definition ID": "文件标识", "Definition name": "文件名称", "Delete": "删除", "Duration value": "时长",
  "Edit": "编辑", "Edit boolean": "编辑是否", "Edit date": "编辑日期", "Edit date and time": "编辑日期时间", "Edit duration": "编辑时长", "Edit end date": "编辑截止日期",
  "Edit end date and time": "编辑截止日期时间", "Edit end time": "编辑截止时间", "Edit formal parameters": "编辑参数", "Edit function kind": "编辑函数种类",
  "Edit input": "编辑输入列", "Edit number": "编辑数字", "Edit output": "编辑输出列", "Edit start date": "编辑开始日期", "Edit start date and time": "编辑开始日期时间",
  "Edit start time": "编辑开始时间", "Edit string": "编辑文本", "Edit time": "编辑时间", "Editing not supported for set expression language": "这种表达式语言不能编辑",
  "Element name": "名称", "End date": "截止日期", "End date and time": "截止日期时间", "End time": "截止时间", "End value": "上限", "Enter expression": "填写表达式",
  "Equals": "等于", "Exactly": "正好", "Exclude": "不含", "Expression": "表达式", "Expression language": "表达式语言", "Expression language:": "表达式语言：",
  "Expression language: {expressionLanguageLabel}": "表达式语言：{expressionLanguageLabel}", "Function kind: {kind}": "函数种类：{kind}", "Greater": "大于",
  "Greater or equals": "大于等于", "Hit policy": "命中方式", "Hit policy:": "命中方式：", "Include": "含", "Input": "输入", "Input expression": "输入表达式",
  "Input expression: ": "输入表达式：", "Input label": "输入列标题", "Input label: ": "输入列标题：", "Input type": "输入类型", "Input values": "输入可取的值",
  "Kind": "种类", "Less": "小于", "Less or equals": "小于等于", "Literal expression": "表达式", "Literal Expression": "表达式", "Literal expression editor": "表达式编辑器",
  "Match none": "都不匹配", "Match one": "匹配其一", "Move rule": "移动规则", "No": "否", "No values": "没有预设值", "Output": "输出", "Output label": "输出列标题",
  "Output label: ": "输出列标题：", "Output name": "输出名称", "Output name: ": "输出名称：", "Output type": "输出类型", "Output values": "输出可取的值",
  "Paste input column left": "在左边粘贴输入列", "Paste input column right": "在右边粘贴输入列", "Paste output column left": "在左边粘贴输出列",
  "Paste output column right": "在右边粘贴输出列", "Paste rule above": "在上面粘贴规则", "Paste rule below": "在下面粘贴规则", "Predefined values": "预设值",
  "Range": "范围", "Range end operator": "上限是否含", "Range end value": "上限", "Range start operator": "下限是否含", "Range start value": "下限",
  "Remove cell description": "移除单元格说明", "Remove input column": "移除输入列", "Remove output column": "移除输出列", "Remove parameter": "移除参数", "Remove rule": "移除规则",
  "Resize": "调整大小", "Set date": "填写日期", "Set date and time": "填写日期时间", "Set duration": "填写时长", "Set time": "填写时间", "Set value": "填写值",
  "Start date": "开始日期", "Start date and time": "开始日期时间", "Start time": "开始时间", "Start value": "下限", "String value": "文本", "Strings must be in double quotes": "文本要加英文双引号",
  "Test type": "判断方式", "Then": "则", "Time": "时间", "Time value": "时间", "Type": "类型", "Use now": "用现在", "Use today": "用今天", "Value": "值", "Values": "值",
  "Variable name": "变量名", "Variable name:": "变量名：", "Variable type": "变量类型", "Variable type:": "变量类型：", "View DRD": "查看决策关系图", "When": "当", "Yes": "是",
  "e.g. { example } ": "如 { example } ", "e.g. { sample }": "如 { sample }", "name": "名称", "Empty": "空", "Decision table": "决策表", "Unique": "唯一命中", "First": "首条命中",
  "Priority": "优先级", "Any": "任一命中", "Collect": "收集", "Collect (Sum)": "收集（求和）", "Collect (Min)": "收集（最小）", "Collect (Max)": "收集（最大）",
  "Collect (Count)": "收集（计数）", "Rule order": "按规则顺序", "Output order": "按输出顺序", "Open decision table": "打开决策表", "Open literal expression": "打开表达式",
  "<unnamed>": "（未命名）", "string": "文本", "boolean": "是否", "number": "数字", "integer": "整数", "long": "长整数", "double": "小数", "date": "日期",
  "time": "时间", "dateTime": "日期时间", "dayTimeDuration": "日时长", "yearMonthDuration": "年月时长", "Any ": "任意", "duration": "时长",
  "Decision must have at least one output": "决策至少要有一个输出列",
  "No overlap is possible and all rules are disjoint. Only a single rule can be matched": "规则不得重叠，只能有一条命中。",
  "Rules may overlap. The first matching rule will be chosen": "规则可以重叠，取第一条命中的。",
  "Rules may overlap. The one with the highest priority will be chosen": "规则可以重叠，取优先级最高的。",
  "Rules may overlap. Their output have to match": "规则可以重叠，但结果须相同。",
  "Collects the values of all matching rules": "收集所有命中规则的值。",
  "Collects the values of all matching rules and sums up to a single value": "对所有命中规则的值求和。",
  "Collects the values of all matching rules and uses the lowest value": "取所有命中规则的最小值。",
  "Collects the values of all matching rules and uses the highest value": "取所有命中规则的最大值。",
  "Collects the values of all matching rules and counts the number of them": "数出命中多少条规则。",
  "Collects the values of all matching rules in rule order": "按规则顺序收集所有命中的值。",
  "Collects the values of all matching rules in decreasing output priority order": "按输出优先级从高到低收集所有命中的值。",
};

/** Translate a template of dmn-js and fill its {placeholders}. */
export function translate(template, replacements = {}) {
  if (!Object.hasOwn(words, template)) return general(template, replacements);
  return words[template].replace(/{([^}]+)}/g, (whole, key) => (key in replacements ? replacements[key] : whole));
}

export default { translate: ["value", translate] };
