# KOD intake: the two commands a newcomer needs are `make demo` and `make test`.

.DEFAULT_GOAL := help
