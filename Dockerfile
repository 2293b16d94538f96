# The component's image: one static binary and a place for temporary files. The
# binary holds the certificate authorities that it trusts, so the image has none.
#
# No ENTRYPOINT: the component names its own command, and KFP's local Docker
# runner would put an entry point before it a second time. No USER: what some
# runners mount for the outputs belongs to root; the target nonroot is for those
# that insist on another user. docs/kfp.md tells which runtime takes which.
ARG BASE=golang:1.26.8

FROM --platform=${BUILDPLATFORM} ${BASE} AS source
WORKDIR /src
COPY . .
# The builder gives these two.
ARG TARGETOS
ARG TARGETARCH
ARG RELEASE=
ARG COMMIT=
# Time stamps of the files, in seconds since 1970: the same commit gives the same
# layer, byte for byte.
ARG SOURCE_DATE_EPOCH=0

FROM source AS build
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    set -e; export CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=false"; \
    version=github.com/authcall/authcall/internal/version; \
    GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -tags grpcnotrace \
      -ldflags "-s -w -X ${version}.release=${RELEASE} -X ${version}.commit=${COMMIT}" \
      -o /out/image/authcall ./cmd/authcall; \
    mkdir -m 1777 /out/image/tmp; \
    mkdir /out/sbom; \
    go run ./internal/tools/sbom -name authcall -version "${RELEASE}" /out/image/authcall >/out/sbom/authcall.cdx.json; \
    touch -d "@${SOURCE_DATE_EPOCH}" /out/image/authcall /out/image/tmp /out/sbom/authcall.cdx.json

# docker build --target sbom --output DIR: the list of what the binary holds.
FROM scratch AS sbom
COPY --from=build /out/sbom/ /

# The receiver of events, `authpipe serve`, for Cloud Run and elsewhere: docs/serve.md.
# It is built from a stage of its own, so that the component's image does not wait
# for it.
FROM source AS build-authpipe
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    set -e; export CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=false"; \
    version=github.com/authcall/authcall/internal/version; \
    GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -tags grpcnotrace \
      -ldflags "-s -w -X ${version}.release=${RELEASE} -X ${version}.commit=${COMMIT}" \
      -o /out/image/authpipe ./cmd/authpipe; \
    mkdir -m 1777 /out/image/tmp; \
    touch -d "@${SOURCE_DATE_EPOCH}" /out/image/authpipe /out/image/tmp

FROM scratch AS authpipe
COPY --from=build-authpipe /out/image/ /
ARG RELEASE=
ARG COMMIT=
LABEL org.opencontainers.image.title="authpipe" \
      org.opencontainers.image.description="Receives events with ID tokens and submits a pipeline for each." \
      org.opencontainers.image.url="https://github.com/authcall/authcall" \
      org.opencontainers.image.source="https://github.com/authcall/authcall" \
      org.opencontainers.image.documentation="https://github.com/authcall/authcall/blob/main/docs/serve.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${RELEASE}" \
      org.opencontainers.image.revision="${COMMIT}"
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/authpipe"]
CMD ["serve", "--config", "/etc/authpipe/events.yaml"]

FROM scratch AS root
COPY --from=build /out/image/ /
ARG RELEASE=
ARG COMMIT=
LABEL org.opencontainers.image.title="authcall" \
      org.opencontainers.image.description="Calls a private Google service over HTTP as a pipeline step, with a credential that is made on the spot." \
      org.opencontainers.image.url="https://github.com/authcall/authcall" \
      org.opencontainers.image.source="https://github.com/authcall/authcall" \
      org.opencontainers.image.documentation="https://github.com/authcall/authcall/blob/main/docs/kfp.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${RELEASE}" \
      org.opencontainers.image.revision="${COMMIT}"
CMD ["/authcall", "help"]

FROM root AS nonroot
USER 65532:65532

FROM root
