// Starts Swagger UI on our own document; a file of its own, since the page may run no inline script.
window.addEventListener("DOMContentLoaded", () => {
  window.SwaggerUIBundle({
    url: "../v1/_openapi",
    dom_id: "#swagger-ui",
    validatorUrl: null, // its badge would ask a server on the internet
    deepLinking: true,
    docExpansion: "none",
    persistAuthorization: false,
  });
});
