# syntax=docker/dockerfile:1
# docker build -t lotse . && docker run --network host lotse dev
#
# Sound needs its UDP ports from the outside: use --network host, or publish a small range and
# name the same one in [rtp] ports.

FROM rust:1-slim-bookworm AS build
WORKDIR /src
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends make build-essential \
    && rm -rf /var/lib/apt/lists/*
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    make build && cp target/release/lotse /lotse

FROM debian:bookworm-slim
RUN useradd --system --uid 4505 --home-dir /var/lib/lotse --create-home lotse
COPY --from=build /lotse /usr/bin/lotse
COPY config/example.toml /usr/share/doc/lotse/example.toml
USER lotse
ENV LOTSE_CONFIG=/etc/lotse/lotse.toml
EXPOSE 5060/udp 5060/tcp 8080/tcp
STOPSIGNAL SIGTERM
# Alive is whoever answers /healthz. The address is that of the default [http] listen.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q ' 200 ' <&3"]
ENTRYPOINT ["/usr/bin/lotse"]
CMD ["serve"]
