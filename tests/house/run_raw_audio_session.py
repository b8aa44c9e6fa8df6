"""The raw-audio example with a rendered caller: run_raw_audio_session.py PROGRAM FLITE_RENDER.

The agent's greeting must be on the recording and in what was heard, and the caller must be answered.
What exactly is understood is the recogniser's business; scenarios check that.
"""

import os
import subprocess
import sys
import tempfile
import wave


def main(program, render):
    with tempfile.TemporaryDirectory() as folder:
        speech, caller = os.path.join(folder, "speech.wav"), os.path.join(folder, "caller.wav")
        agent = os.path.join(folder, "agent.wav")
        subprocess.run([render, "rms", "8000", "1000", speech, "What are your opening hours?"],
                       check=True)
        # The caller listens to the greeting before it speaks.
        with wave.open(speech) as said, wave.open(caller, "wb") as out:
            out.setparams(said.getparams())
            out.writeframes(bytes(2 * 8000 * 11))
            out.writeframes(said.readframes(said.getnframes()))
        run = subprocess.run([program, caller, agent], capture_output=True, text=True, timeout=100)
        print(run.stdout, run.stderr, sep="")
        turns = [line.split(":")[0] for line in run.stdout.splitlines() if ": " in line]
        with wave.open(agent) as heard:
            seconds = heard.getnframes() / heard.getframerate()
        assert run.returncode == 0, f"exit status {run.returncode}"
        assert turns and turns[0] == "agent", "the agent did not greet"
        assert "caller" in turns, "the caller was not heard"
        assert "agent" in turns[turns.index("caller"):], "the caller was not answered"
        assert seconds > 10, f"agent.wav is {seconds} s long"


main(*sys.argv[1:])
