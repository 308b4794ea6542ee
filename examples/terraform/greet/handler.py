import os


def handler(event, context):
    return {"text": "%s, %s" % (os.environ["GREETING"], event["name"])}
