/** Files are sent as soon as they are chosen, one after the other, with progress; without script they go with the form. */

export function uploadFiles(root, changed) {
  root.addEventListener("change", (event) => {
    const picker = event.target;
    if (picker.matches("input[data-pick]") && root.dataset.upload) send(root, picker, changed);
  });
  root.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=_drop]");
    if (!button) return;
    event.preventDefault();
    const field = button.closest("[data-field]");
    button.closest("[data-file]").remove();
    field.querySelector("[data-pick]").focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    changed();
  });
}

async function send(root, picker, changed) {
  const field = picker.closest("[data-field]");
  const progress = field.querySelector("[data-progress]");
  const files = [...picker.files];
  field.dataset.uploading = "";
  for (const [index, file] of files.entries()) {
    const say = (share) => {
      progress.textContent = `正在上传 ${index + 1}/${files.length}：${file.name}（${Math.round(share * 100)}%）`;
    };
    const answer = await post(root, field, file, say);
    if (!answer.id) {
      progress.textContent = `“${file.name}”没有上传成功：${answer.message}`;
      progress.classList.add("field-error");
      delete field.dataset.uploading;
      return;
    }
    progress.classList.remove("field-error");
    if (!picker.multiple) field.querySelector("[data-files]").replaceChildren();
    field.querySelector("[data-files]").append(item(field.dataset.field, answer));
  }
  delete field.dataset.uploading;
  picker.value = "";
  progress.textContent = files.length > 1 ? `${files.length} 个文件已上传。` : `“${files[0].name}”已上传。`;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  changed();
}

/** Resolves to the server's answer, or to {message}; never rejects. */
function post(root, field, file, say) {
  const body = new FormData();
  for (const [name, value] of Object.entries(JSON.parse(root.dataset.uploadFields || "{}"))) body.append(name, value);
  body.append("field", field.dataset.field);
  body.append("file", file);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", root.dataset.upload);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", document.querySelector("meta[name=csrf-token]")?.content ?? "");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && say(event.loaded / event.total));
    request.addEventListener("error", () => resolve({ message: "网络已断开，请恢复后重新选择文件。" }));
    request.addEventListener("load", () => resolve(answerOf(request)));
    request.send(body);
  });
}

function answerOf(request) {
  if (request.status === 413) return { message: "文件超过大小限制，请压缩或分成几个文件。" };
  try {
    const answer = JSON.parse(request.responseText);
    return request.status < 300 ? answer : { message: answer.message || "请稍后再试。" };
  } catch {
    return { message: "服务器没有给出可读的回答，请稍后再试。" };
  }
}

function item(name, { id, name: title, url }) {
  const row = document.createElement("li");
  row.className = "file-item";
  row.dataset.file = "";
  const hidden = Object.assign(document.createElement("input"), { type: "hidden", name, value: `${id}/${title}` });
  const link = Object.assign(document.createElement("a"), { className: "grow", href: url, target: "_blank", textContent: title });
  const button = Object.assign(document.createElement("button"),
    { className: "btn btn-quiet btn-small", name: "_drop", value: `${name}:${id}`, formNoValidate: true, textContent: "移除" });
  row.append(hidden, link, button);
  return row;
}
