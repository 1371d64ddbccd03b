# Shortcuts for cargo and tests/run; both work without it.

# Start both services in one process, on SQLite under ./data
run *arguments:
    cargo run --release -- {{arguments}}

# Everything CI runs: servers, journeys and manifests included
test:
    tests/run

# Format, clippy, unit and contract tests; no server
fast:
    tests/run fast

# Write the formatting
format:
    cargo fmt --all

# Licences, advisories, duplicates and sources (needs cargo-deny)
deny:
    cargo deny --locked check

# Render the Kubernetes base
manifests:
    kubectl kustomize deploy/kubernetes/base

# Build the container image
image:
    docker build --file deploy/Dockerfile --tag signpost:local .

# PostgreSQL, NATS and both services in containers
compose:
    docker compose --file deploy/compose.yaml up --build

# Rewrite the published contracts: schemas, AsyncAPI, OpenAPI (never a released sample)
contracts:
    UPDATE_CONTRACTS=1 cargo test --locked --package signpost-event-store --package agents-service --package signup-service
