/** Passkeys: forms with data-passkey appear where the browser has them; a press asks the browser, and its answer is sent. */

function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function base64url(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function asked(options) {
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (options[list]) read[list] = options[list].map((one) => ({ ...one, id: bytes(one.id) }));
  }
  return { publicKey: read };
}

function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = base64url(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: base64url(credential.rawId), type: credential.type, response });
}

async function show(form) {
  const options = asked(JSON.parse(form.dataset.passkey));
  const isNew = form.dataset.passkeyAct === "add";
  const credential = await (isNew ? navigator.credentials.create(options) : navigator.credentials.get(options));
  form.querySelector("[data-passkey-answer]").value = answered(credential);
  form.submit();
}

function complain(form) {
  const fault = form.querySelector("[data-passkey-fault]");
  fault.textContent = form.dataset.failed;
  fault.hidden = false;
  form.querySelector("button").disabled = false;
}

function isHere(host) {
  return location.hostname === host || location.hostname.endsWith(`.${host}`);
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential || !isHere(form.dataset.passkeyHost)) continue;
  form.hidden = false;
  form.parentElement.querySelector("[data-passkey-none]")?.setAttribute("hidden", "");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("button").disabled = true;
    show(form).catch(() => complain(form));
  });
}
