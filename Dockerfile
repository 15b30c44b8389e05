# The static binary and nothing else; `make static` builds it first. Made for
#   COPY --from=watertight /watertight /watertight
# in an image of your own, and, as an init container, for `install` into a shared volume.
FROM scratch
ARG VERSION
LABEL org.opencontainers.image.title="watertight" \
      org.opencontainers.image.description="Is your container watertight? Observes what the kernel really enforces in it and judges that." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY build/static/watertight /watertight
# A number, so that Kubernetes can tell that it is not root (runAsNonRoot).
USER 65532:65532
ENTRYPOINT ["/watertight"]
