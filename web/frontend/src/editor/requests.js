/** What the editor asks of the server; every answer is JSON, and every refusal carries a Chinese message. */

/** Post `data` as JSON; resolves to {ok, status, ...answer}. A lost connection becomes a message, never an exception. */
export async function post(url, token, data) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify(data),
    });
  } catch {
    return { ok: false, status: 0, message: "连接已断开，修改仍保留在本页，请稍后再试。" };
  }
  let answer = {};
  try {
    answer = await response.json();
  } catch {
    answer = { message: "服务器没有给出可读的回答，请稍后再试。" };
  }
  return { ...answer, ok: response.ok, status: response.status };
}
