"""awsglue.utils for jobs that Gait runs: what Python shell jobs use of it.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html
"""


class GlueArgumentError(Exception):
    pass


def getResolvedOptions(args, options):
    """The values of `--NAME VALUE` pairs in args, for every name of options."""
    given = {}
    position = 0
    while position < len(args):
        name, separator, value = args[position].partition("=")
        if name.startswith("--"):
            if not separator:
                position += 1
                value = args[position] if position < len(args) else ""
            given[name[2:]] = value
        position += 1
    missing = [name for name in options if name not in given]
    if missing:
        raise GlueArgumentError("the following arguments are required: "
                                + ", ".join("--" + name for name in missing))
    names = list(options) + [name for name in ("JOB_NAME", "JOB_RUN_ID")
                             if name in given and name not in options]
    return {name: given[name] for name in names}
