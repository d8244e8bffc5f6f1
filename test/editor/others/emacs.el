;;; Waits for the finding of the file in front, applies its preferred quick fix, saves, and prints the message.  -*- lexical-binding: t -*-
(defun until-some (ask)
  "The first value of ASK that is not nil; an error where there is none in thirty seconds."
  (let ((end (+ (float-time) 30)) (value nil))
    (while (and (null (setq value (funcall ask))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (or value (error "Nothing came in time"))))

(defun check-in-emacs ()
  "Does it in the current buffer, for which `eglot-ensure' was called."
  ;; Both wait for a command of the user, who is not there.
  (run-hooks 'post-command-hook)
  (until-some #'eglot-current-server)
  (flymake-start)
  (let ((found (car (until-some #'flymake-diagnostics))))
    (goto-char (flymake-diagnostic-beg found))
    (let* ((actions (append (eglot-code-actions (point) (flymake-diagnostic-end found)) nil))
           (preferred (seq-find (lambda (action) (eq t (plist-get action :isPreferred))) actions)))
      (eglot--apply-workspace-edit (plist-get preferred :edit))
      (save-buffer)
      (princ (concat (flymake-diagnostic-text found) "\n"))
      (eglot-shutdown (eglot-current-server)))))
