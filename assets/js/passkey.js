// Passkeys. <form data-passkey="create|get" data-passkey-options="/…"> asks the options address
// for the challenge, the authenticator for an answer, puts it as JSON into the hidden field
// "credential" and sends the form. [data-passkey-fault] says when it did not work.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list ?? []).map((c) => ({ ...c, id: bytes(c.id) }));

async function create({ publicKey: o }) {
  const made = await navigator.credentials.create({
    publicKey: { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: known(o.excludeCredentials) },
  });
  return {
    id: made.id, rawId: text(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

async function get({ publicKey: o }) {
  const found = await navigator.credentials.get({
    publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: known(o.allowCredentials) },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
  return {
    id: found.id, rawId: text(found.rawId), type: found.type, authenticatorAttachment: found.authenticatorAttachment,
    clientExtensionResults: found.getClientExtensionResults(),
    response: {
      clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData),
      signature: text(signature), userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

document.querySelectorAll("form[data-passkey]").forEach((form) => {
  const fault = form.querySelector("[data-passkey-fault]");
  if (!window.PublicKeyCredential) {
    if (fault) fault.hidden = false;
    return;
  }
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return; // the answer is there: let the form go
    event.preventDefault();
    try {
      const answer = await fetch(form.dataset.passkeyOptions, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const options = await answer.json();
      const credential = form.dataset.passkey === "create" ? await create(options) : await get(options);
      form.elements.credential.value = JSON.stringify(credential);
      delete form.dataset.sent;
      form.requestSubmit();
    } catch {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
      if (fault) fault.hidden = false; // given up, timed out, or no key: the other ways stand beside
    }
  });
});
