using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .task)],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "main")],
);

const task :Workerd.Worker = (
  modules = [(name = "main", esModule = embed "out/main.js")],
  compatibilityDate = "2026-01-01",
);
